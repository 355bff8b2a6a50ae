import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';

import {
  Controller,
  createParamDecorator,
  type ExecutionContext,
  Get,
  Headers,
  Param,
  Res,
  StreamableFile,
} from '@nestjs/common';
import type { Request, Response } from 'express';

import { Protect } from '../../../src/auth/protect.decorator.js';
import { ExposeAsTool, type ExposeAsToolOptions } from '../../../src/mcp/index.js';

const Tool = (name: string, options: Partial<ExposeAsToolOptions> = {}): MethodDecorator =>
  ExposeAsTool({
    name,
    description: `The route ${name}.`,
    scopes: 'authenticated',
    annotations: { readOnlyHint: true },
    ...options,
  });

/** Request as the handler sees it. */
const Whole = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  context.switchToHttp().getRequest<Request>(),
);

/** Reports of handlers to a test. */
export const seen = new EventEmitter();

const endless = (): Readable =>
  new Readable({
    read() {
      this.push('x'.repeat(10_000));
    },
  });

/** Routes that tests of safety call. */
@Controller('probes')
export class ProbingController {
  @Get('mine')
  mine(): string {
    seen.emit('mine');
    return 'another route';
  }

  @Get(':id')
  @Tool('probe')
  probe(@Param('id') id: string): object {
    seen.emit('probe', id);
    return { id };
  }

  @Get('reports/:tenant.:format')
  @Tool('report', { organizationArgument: 'tenant' })
  report(@Param('tenant') tenant: string, @Param('format') format: string): object {
    seen.emit('probe', tenant);
    return { tenant, format };
  }

  @Get('below/*path')
  @Tool('probe_below')
  below(@Param('path') path: readonly string[]): object {
    seen.emit('probe', path);
    return { path };
  }

  @Get('request/headers')
  @Tool('headers', { headers: ['x-tenant'] })
  headers(@Headers('x-tenant') _tenant: string, @Whole() { headers }: Request): object {
    return headers;
  }

  @Get('wait/forever')
  @Tool('wait')
  async wait(@Whole() request: Request): Promise<object> {
    seen.emit('waiting');
    await new Promise((resolve) => request.once('close', resolve));
    seen.emit('left', request.aborted);
    return {};
  }

  @Get('late/file')
  @Tool('late_file')
  async lateFile(@Whole() request: Request): Promise<StreamableFile> {
    seen.emit('waiting');
    await new Promise((resolve) => request.once('close', resolve));
    const source = endless();
    source.once('close', () => seen.emit('source closed'));
    return new StreamableFile(source, { type: 'text/plain' });
  }

  @Get('destroyed/response')
  @Tool('destroyed')
  destroyed(@Res({ passthrough: true }) response: Response): string {
    response.destroy();
    return 'never sent';
  }

  @Get('request/user')
  @Tool('user')
  user(@Whole() request: Request & { user?: unknown }): object {
    return { user: request.user };
  }

  @Get('endless/file')
  @Tool('endless')
  endless(@Res({ passthrough: true }) response: Response): StreamableFile {
    response.once('close', () => seen.emit('closed'));
    return new StreamableFile(endless(), { type: 'text/plain' });
  }

  @Get('scoped/data')
  @Tool('needs_scope', { scopes: ['data:read'] })
  scoped(): string {
    seen.emit('scoped');
    return 'data';
  }

  @Get('staff/data')
  @Protect('staff')
  @Tool('for_staff')
  forStaff(): string {
    seen.emit('staff');
    return 'data of the staff';
  }
}
