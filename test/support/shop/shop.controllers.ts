import {
  Body,
  ConflictException,
  Controller,
  DefaultValuePipe,
  Delete,
  Get,
  Header,
  Headers,
  HttpCode,
  Inject,
  NotFoundException,
  Param,
  ParseArrayPipe,
  ParseBoolPipe,
  ParseDatePipe,
  ParseEnumPipe,
  ParseFloatPipe,
  ParseIntPipe,
  ParseUUIDPipe,
  Patch,
  Post,
  Put,
  Query,
  Redirect,
  Res,
  Scope,
  StandardSchemaValidationPipe,
  StreamableFile,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  Version,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { ApiBody, ApiOkResponse, ApiOperation, ApiQuery } from '@nestjs/swagger';
import type { Request, Response } from 'express';

import { CurrentPrincipal } from '../../../src/auth/current-principal.decorator.js';
import { Protect } from '../../../src/auth/protect.decorator.js';
import { ExposeAsTool, type ExposeAsToolOptions, type Principal } from '../../../src/mcp/index.js';
import {
  ChangeOrderDto,
  Color,
  CreateOrderDto,
  DocumentedDto,
  EVENT,
  FILTER,
  Level,
  LineDto,
  Order,
  SearchDto,
} from './dtos.js';
import { AdminGuard, Envelope, LimitGuard, OutOfStock, OutOfStockFilter, OwnTokenGuard } from './guards.js';

/** Exposes a method for every caller, so that only the application's own rules refuse one. */
const Tool = (name: string, options: Partial<ExposeAsToolOptions> = {}): MethodDecorator =>
  ExposeAsTool({
    name,
    description: `The route ${name}.`,
    scopes: 'authenticated',
    annotations: { readOnlyHint: true },
    ...options,
  });

@Controller('values')
export class ValuesController {
  @Get()
  @Tool('list_values')
  list(@Query('q') q: string, @Query('sort') sort?: string): object {
    return { q, sort };
  }

  @Get('page')
  @Tool('page_of_values')
  page(
    @Query('limit', new DefaultValuePipe(10), ParseIntPipe) limit: number,
    @Res({ passthrough: true }) response: Response,
  ): object {
    response.setHeader('Link', `</api/v1/values/page?limit=${limit + 1}>; rel="next"`);
    return { limit };
  }

  @Get('uuid/:id')
  @Tool('by_uuid')
  byUuid(@Param('id', ParseUUIDPipe) id: string): object {
    return { id };
  }

  @Get('int/:n')
  @Tool('by_int')
  byInt(@Param('n', ParseIntPipe) n: number): object {
    return { n, next: n + 1 };
  }

  @Get('float')
  @Tool('by_float')
  byFloat(@Query('ratio', ParseFloatPipe) ratio: number): object {
    return { ratio };
  }

  @Get('flag')
  @Tool('by_flag')
  byFlag(@Query('on', new ParseBoolPipe({ optional: true })) on?: boolean): object {
    return { on, type: typeof on };
  }

  @Get('color/:color')
  @Tool('by_color')
  byColor(
    @Param('color', new ParseEnumPipe(Color)) color: Color,
    @Query('level', new ParseEnumPipe(Level, { optional: true })) level?: Level,
  ): object {
    return { color, level };
  }

  @Get('tags')
  @Tool('by_tags')
  byTags(@Query('tags', new ParseArrayPipe({ items: Number, optional: true })) tags?: number[]): object {
    return { tags };
  }

  @Get('day/:day')
  @Tool('by_day')
  byDay(@Param('day', ParseDatePipe) day: Date): object {
    return { day };
  }

  @Get('search')
  @Tool('search')
  search(@Query() search: SearchDto): object {
    return { search, isInstance: search instanceof SearchDto };
  }

  @Get('filter')
  @UsePipes(new StandardSchemaValidationPipe())
  @Tool('filter')
  filter(@Query({ schema: FILTER }) filter: unknown): object {
    return { filter };
  }

  @Get('tenant')
  @Tool('tenant', { headers: ['X-Tenant'] })
  tenant(
    @Headers('x-tenant') tenant: string | undefined,
    @Headers('x-other') other: string | undefined,
  ): object {
    return { tenant, other };
  }

  @Get('files/*path')
  @Tool('file_at')
  fileAt(@Param('path') path: string[]): object {
    return { path };
  }

  @Get('documented')
  @ApiOperation({ summary: 'Reads what is documented.' })
  @ApiQuery({ name: 'mode', enum: ['fast', 'slow'], description: 'Speed.' })
  @Tool('documented', { description: undefined })
  documented(@Query('mode') mode: string): object {
    return { mode };
  }

  @Get('text')
  @Header('content-type', 'text/plain')
  @Tool('text')
  text(@Query('name') name: string): string {
    return `Hello, ${name}!`;
  }

  @Get('file')
  @Tool('file')
  file(): StreamableFile {
    return new StreamableFile(Buffer.from([0, 1, 2, 255]), {
      type: 'application/zip',
      disposition: 'attachment; filename="all.zip"',
    });
  }

  @Get('elsewhere')
  @Redirect('https://example.com/elsewhere', 302)
  @Tool('elsewhere')
  elsewhere(): void {}

  @Get('new')
  @Version('2')
  @Tool('versioned')
  versioned(): object {
    return { version: 2 };
  }

  @Get('fails/:how')
  @UseFilters(OutOfStockFilter)
  @Tool('fails')
  fails(
    @Param('how', new ParseEnumPipe(['none', 'missing', 'conflict', 'stock', 'crash'])) how: string,
  ): object {
    if (how === 'missing') throw new NotFoundException();
    if (how === 'conflict') throw new ConflictException({ message: ['first', 'second'] });
    if (how === 'stock') throw new OutOfStock();
    if (how === 'crash') throw new Error('secret of the database');
    return { how };
  }
}

@Controller('orders')
@UseInterceptors(Envelope)
export class OrdersController {
  @Post()
  @UseGuards(LimitGuard)
  @Tool('create_order')
  create(@Body() order: CreateOrderDto): object {
    return { order, isInstance: order instanceof CreateOrderDto };
  }

  @Patch(':id')
  @HttpCode(202)
  @Tool('change_order')
  change(
    @Param('id', ParseIntPipe) id: number,
    @Body() change: ChangeOrderDto,
    @Query('notify', new ParseBoolPipe({ optional: true })) notify?: boolean,
  ): object {
    return { id, change, notify };
  }

  @Put(':id/lines')
  @Tool('replace_lines', { rename: { body: 'lines' } })
  replaceLines(
    @Param('id') id: string,
    @Body(new ParseArrayPipe({ items: LineDto })) lines: LineDto[],
  ): object {
    return { id, lines };
  }

  @Post('notes')
  @Tool('add_note')
  addNote(@Body('text') text: string, @Body('count', ParseIntPipe) count: number): object {
    return { text, count };
  }

  @Post('events')
  @UsePipes(new StandardSchemaValidationPipe())
  @Tool('add_event')
  addEvent(@Body({ schema: EVENT }) event: unknown): object {
    return { event };
  }

  @Post('documented')
  @ApiBody({ type: DocumentedDto })
  @UsePipes()
  @Tool('add_documented')
  addDocumented(@Body() note: object): object {
    return { note };
  }
}

@Controller('plain-orders')
export class PlainOrdersController {
  @Delete(':id')
  @HttpCode(204)
  @Tool('delete_order')
  delete(@Param('id', ParseIntPipe) _id: number): void {}

  @Get(':id')
  @ApiOkResponse({ type: Order })
  @Tool('get_order')
  get(@Param('id') id: string): Order {
    return { id, parts: [{ id: `${id}.1`, note: 'part' }], note: null };
  }
}

/** Routes with guards of the application, of Aerie, or both. */
@Controller('callers')
export class CallersController {
  @Get('me')
  @Protect()
  @Tool('me')
  me(@CurrentPrincipal() { subject, organizationId }: Principal): object {
    return { subject, organizationId };
  }

  @Get('admin')
  @UseGuards(AdminGuard)
  @Tool('admin_only')
  adminOnly(): object {
    return { admin: true };
  }

  @Get('own-token')
  @UseGuards(OwnTokenGuard)
  @Tool('own_token', { forwardAuthorization: true })
  ownToken(): object {
    return { known: true };
  }
}

@Controller({ path: 'scoped', scope: Scope.REQUEST })
export class ScopedController {
  readonly #created = 1;

  constructor(@Inject(REQUEST) private readonly request: Request) {}

  @Get(':id')
  @Tool('scoped')
  show(@Param('id') id: string): object {
    const { method, originalUrl } = this.request;
    return { id, method, originalUrl, created: this.#created };
  }
}
