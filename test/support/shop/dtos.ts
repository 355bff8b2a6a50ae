import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsEnum,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { z } from 'zod';

export enum Color {
  Red = 'red',
  Green = 'green',
}

export enum Level {
  Low,
  High,
}

export class SearchDto {
  @IsString()
  @Length(1, 20)
  text!: string;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(50)
  @Type(() => Number)
  limit?: number;

  @IsOptional()
  @IsEnum(Color)
  color?: Color;

  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? value : [value]))
  @IsArray()
  @IsString({ each: true })
  labels?: string[];
}

export class LineDto {
  @IsString()
  article!: string;

  @IsInt()
  @Min(1)
  count!: number;
}

export class CreateOrderDto {
  @ApiProperty({ description: 'Name of the buyer.' })
  @IsString()
  @Length(1, 40)
  buyer!: string;

  @ValidateNested({ each: true })
  @Type(() => LineDto)
  @ArrayNotEmpty()
  @ArrayMaxSize(5)
  lines!: LineDto[];

  @IsOptional()
  @ValidateNested()
  @Type(() => LineDto)
  extra?: LineDto;
}

export class ChangeOrderDto {
  @IsOptional()
  @IsString()
  buyer?: string;

  @IsOptional()
  @IsInt()
  priority?: number;
}

export class DocumentedDto {
  @ApiProperty({ description: 'Title of the note.', minLength: 1 })
  title!: string;

  @ApiPropertyOptional({ enum: Color })
  color?: Color;

  @ApiPropertyOptional({ type: [String] })
  labels?: string[];
}

export class Order {
  @ApiProperty()
  id!: string;

  @ApiProperty({ type: () => [Order], required: false })
  parts?: Order[];

  @ApiProperty({ nullable: true, type: String })
  note!: string | null;
}

export class PageDto {
  @ApiProperty({ description: 'Value of `offset` for the next page.' })
  next!: number;
}

export const FILTER = z.object({ from: z.string().min(2), depth: z.coerce.number().int().optional() });

export const EVENT = z.object({ kind: z.enum(['open', 'close']), payload: z.record(z.string(), z.number()) });
