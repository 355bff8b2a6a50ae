import { Injectable } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsDate,
  IsEmail,
  IsInt,
  IsString,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';

import { McpTool } from '../../src/mcp/index.js';

class LineDto {
  @IsString()
  article!: string;

  @IsInt()
  @Min(1)
  @Max(99)
  count = 1;
}

class CreateInvoiceDto {
  @IsEmail()
  customer!: string;

  @IsDate()
  @Type(() => Date)
  due!: Date;

  @IsArray()
  @ArrayMaxSize(50)
  @ValidateNested({ each: true })
  @Type(() => LineDto)
  lines!: LineDto[];
}

@Injectable()
export class InvoiceTools {
  @McpTool({
    name: 'create_invoice',
    description: 'Creates an invoice for a customer.',
    input: CreateInvoiceDto,
    scopes: 'authenticated',
    annotations: { destructiveHint: false },
  })
  createInvoice({ customer, due, lines }: CreateInvoiceDto): string {
    const pieces = lines.reduce((sum, { count }) => sum + count, 0);
    return `${pieces} pieces for ${customer}, due in ${due.getUTCFullYear()}`;
  }
}
