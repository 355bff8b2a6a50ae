import {
  Body,
  Controller,
  Get,
  Headers,
  Injectable,
  Next,
  Param,
  Post,
  Query,
  Req,
  Res,
  Session,
  Sse,
  UploadedFile,
} from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiParam, getSchemaPath } from '@nestjs/swagger';

import { ExposeAsTool, type ExposeAsToolOptions } from '../../../src/mcp/index.js';
import { CreateOrderDto } from './dtos.js';

let count = 0;
const Tool = (options: Partial<ExposeAsToolOptions> = {}): MethodDecorator =>
  ExposeAsTool({
    name: `refused_${++count}`,
    description: 'Cannot be offered.',
    scopes: 'authenticated',
    annotations: { readOnlyHint: true },
    ...options,
  });

interface Untyped {
  readonly text: string;
}

class Bare {
  text!: string;
}

/** Each method has one fault. */
@Controller('refused')
export class RefusedController {
  @Post('interface')
  @Tool()
  untypedBody(@Body() _body: Untyped): void {}

  @Post('bare')
  @Tool()
  bareClass(@Body() _body: Bare): void {}

  @Post('member')
  @Tool()
  untypedMember(@Body('text') _text: unknown): void {}

  @Get('query')
  @Tool()
  untypedQuery(@Query() _query: Record<string, string>): void {}

  @Get('request')
  @Tool()
  wholeRequest(@Req() _request: unknown): void {}

  @Get('response')
  @Tool()
  response(@Res() _response: unknown): void {}

  @Get('next')
  @Tool()
  next(@Next() _next: unknown): void {}

  @Get('session')
  @Tool()
  session(@Session() _session: unknown): void {}

  @Post('file')
  @Tool()
  file(@UploadedFile() _file: unknown): void {}

  @Get('headers')
  @Tool()
  allHeaders(@Headers() _headers: unknown): void {}

  @Get('cookie')
  @Tool({ headers: ['Cookie'] })
  cookie(@Headers('cookie') _cookie: string): void {}

  @Get('unread')
  @Tool({ headers: ['x-tenant'] })
  unreadHeader(): void {}

  @Post('orders/:buyer')
  @Tool()
  collision(@Param('buyer') _buyer: string, @Body() _order: CreateOrderDto): void {}

  @Get('renamed')
  @Tool({ rename: { 'query.nothing': 'something' } })
  renamed(@Query('text') _text: string): void {}

  @Sse('events')
  @Tool()
  events(): void {}

  @Get('optional{/:part}')
  @Tool()
  optional(@Param('part') _part: string): void {}

  @Get('undescribed')
  @Tool({ description: undefined })
  undescribed(): void {}

  @Get('unknown-response')
  @ApiOkResponse({ schema: { $ref: getSchemaPath('Missing') } })
  @Tool()
  unknownResponse(): void {}

  @Post('unknown-body')
  @ApiBody({ schema: { $ref: getSchemaPath('Missing') } })
  @Tool()
  unknownBody(@Body() _body: object): void {}

  @Get('unknown-part/:part')
  @ApiParam({ name: 'part', schema: { allOf: [{ $ref: getSchemaPath('Missing') }] } })
  @Tool()
  unknownPart(): void {}

  @Get('elsewhere')
  @Tool({ endpoint: 'elsewhere' })
  elsewhere(): void {}

  @Tool()
  noRoute(): void {}
}

/** Has no routes. */
@Injectable()
export class ExposedProvider {
  @Tool()
  method(): void {}
}
