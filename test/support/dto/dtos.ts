import 'reflect-metadata';

import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsDate,
  IsEmail,
  IsEnum,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';

import { ApiProperty } from './api-property.js';

export enum Currency {
  Euro = 'EUR',
  Dollar = 'USD',
}
export class LineDto {
  @IsString()
  @Length(1, 40)
  article!: string;

  @IsInt()
  @Min(1)
  @Max(99)
  count = 1;
}

export class InvoiceDto {
  @ApiProperty({ description: 'Customer to bill.', example: 'ada@example.com' })
  @IsEmail()
  customer!: string;

  @IsEnum(Currency)
  currency!: Currency;

  @IsDate()
  @Type(() => Date)
  due!: Date;

  @IsArray()
  @ArrayMaxSize(3)
  @ValidateNested({ each: true })
  @Type(() => LineDto)
  lines!: LineDto[];

  @IsOptional()
  @IsString({ each: true })
  @MaxLength(10, { each: true })
  tags?: string[];
}

export const invoice = {
  customer: 'ada@example.com',
  currency: 'EUR',
  due: '2027-01-31',
  lines: [{ article: 'Tea' }],
};

class Shape {
  @IsString()
  color!: string;
}
export class Circle extends Shape {
  @IsInt()
  radius!: number;
}
class Square extends Shape {
  @IsInt()
  side!: number;
}
export class Drawing {
  @ValidateNested()
  @Type(() => Shape, {
    discriminator: {
      property: 'kind',
      subTypes: [
        { value: Circle, name: 'circle' },
        { value: Square, name: 'square' },
      ],
    },
  })
  shape!: Circle | Square;
}
