import { Body, Controller, DefaultValuePipe, Get, ParseIntPipe, Post, Query } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiOkResponse, ApiParam, ApiQuery, getSchemaPath } from '@nestjs/swagger';

import { ExposeAsTool } from '../../../src/mcp/index.js';
import { LineDto, Order, PageDto } from './dtos.js';

const common = { scopes: 'authenticated', annotations: { readOnlyHint: true } } as const;

/** Routes whose documentation contains schemas. */
@Controller('documented')
@ApiExtraModels(Order)
export class DocumentedController {
  @Get(':shelf/orders')
  @ApiExtraModels(PageDto)
  @ApiParam({ name: 'shelf', schema: { type: 'string', enum: ['old', 'new'] } })
  @ApiQuery({
    name: 'offset',
    required: false,
    description: 'First order.',
    schema: { type: 'integer', minimum: 0 },
  })
  @ApiOkResponse({
    schema: {
      allOf: [
        { $ref: getSchemaPath(PageDto) },
        {
          properties: { orders: { type: 'array', items: { $ref: getSchemaPath(Order) } } },
          required: ['orders'],
        },
      ],
    },
  })
  @ExposeAsTool({ ...common, name: 'orders_on_shelf', description: 'Lists the orders of a shelf.' })
  page(@Query('offset', new DefaultValuePipe(0), ParseIntPipe) offset: number): object {
    return { next: offset + 1, orders: [{ id: String(offset), note: null }] };
  }

  @Post('lines')
  @ApiExtraModels(LineDto)
  @ApiBody({
    schema: {
      type: 'object',
      properties: {
        line: { $ref: getSchemaPath(LineDto) },
        note: { type: 'string', nullable: true, description: 'Note for the packer.' },
      },
      required: ['line'],
    },
  })
  @ExposeAsTool({ ...common, name: 'add_line', description: 'Adds a line.' })
  addLine(@Body() body: object): object {
    return { body };
  }

  @Post('labels')
  @ApiBody({
    schema: { properties: { labels: { type: 'array', items: { type: 'string' } } }, required: ['labels'] },
  })
  @ExposeAsTool({ ...common, name: 'add_labels', description: 'Adds labels.' })
  addLabels(@Body('labels') labels: unknown): object {
    return { labels };
  }
}
