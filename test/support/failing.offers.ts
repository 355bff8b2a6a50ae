import type { IncomingMessage, ServerResponse } from 'node:http';

import {
  ConflictException,
  Injectable,
  type MiddlewareConsumer,
  Module,
  type NestModule,
} from '@nestjs/common';
import { z } from 'zod';

import { TROUBLES } from '../../src/database/unavailable.js';
import { type CallContext, McpPrompt, McpResource, McpTool, ToolError } from '../../src/mcp/index.js';
import { OutageError } from '../../src/tool-error.js';

const input = z.object({ n: z.number().optional() });

const OUTAGES = [
  ...TROUBLES.map((trouble) => `database:${trouble}` as const),
  'upstream:unreachable',
  'upstream:credentials',
] as const;

/** Reason of a failure that its operator must know of. */
export type Outage = (typeof OUTAGES)[number];

/** Tools and a resource that fail in different ways. */
@Injectable()
class FailingOffers {
  @McpTool({ name: 'told', scopes: 'authenticated', description: 'Fails with a ToolError.', input })
  told(): never {
    throw new ToolError('No.');
  }

  @McpTool({
    name: 'outage',
    scopes: 'authenticated',
    description: 'Fails because of something that it needs.',
    input: z.object({ reason: z.enum(OUTAGES) }),
  })
  outage({ reason }: { reason: Outage }): never {
    throw new OutageError('Not now.', reason);
  }

  @McpTool({ name: 'broken', scopes: 'authenticated', description: 'Fails unexpectedly.', input })
  broken(): never {
    throw new TypeError('broken');
  }

  @McpTool({ name: 'conflict', scopes: 'authenticated', description: 'Fails with HTTP 409.', input })
  conflict(): never {
    throw new ConflictException();
  }

  @McpTool({ name: 'asking', scopes: 'authenticated', description: 'Asks its user.', input })
  async asking(_input: object, context: CallContext): Promise<string> {
    return (await context.elicit({ message: 'Sure?', schema: z.object({}) })).action;
  }

  @McpTool({ name: 'slow', scopes: 'authenticated', description: 'Never ends.', timeout: 20, input })
  slow(): Promise<never> {
    return new Promise(() => {});
  }

  @McpTool({ name: 'patient', scopes: 'authenticated', description: 'Ends with its caller.', input })
  async patient(_input: object, { signal }: CallContext): Promise<string> {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return 'gone';
  }

  @McpTool({ name: 'huge', scopes: 'authenticated', description: 'Returns too much.', input })
  huge(): string {
    return 'x'.repeat(3_000);
  }

  @McpTool({
    name: 'imperial',
    scopes: 'authenticated',
    roles: ['emperor'],
    description: 'For one role.',
    input,
  })
  imperial(): string {
    return 'Hail.';
  }

  @McpTool({ name: 'rare', scopes: 'authenticated', description: 'Once an hour.', rateLimit: '1/h', input })
  rare(): string {
    return 'Once.';
  }

  @McpTool({ name: 'hidden', scopes: ['deep'], visibility: 'secret', description: 'Nobody knows.', input })
  hidden(): string {
    return 'Found.';
  }

  @McpTool({
    name: 'regional',
    scopes: 'authenticated',
    description: 'Has an argument that a header repeats.',
    input: z.object({ region: z.string().meta({ 'x-mcp-header': 'Region' }) }),
  })
  regional(): string {
    return 'Here.';
  }

  @McpResource({ name: 'rare_note', uri: 'note://{name}', scopes: 'authenticated', rateLimit: '1/h' })
  rareNote({ name }: { name: string }): string {
    return name;
  }

  @McpPrompt({ name: 'rare_prompt', scopes: 'authenticated', rateLimit: '1/h' })
  rarePrompt(): string {
    return 'Once.';
  }

  @McpResource({ name: 'page', uri: 'page://{name}', scopes: 'authenticated', description: 'Any page.' })
  page({ name }: { name: string }): string {
    return name;
  }

  @McpResource({ name: 'gone', uri: 'gone://x', scopes: 'authenticated', description: 'Holds nothing.' })
  gone(): undefined {
    return undefined;
  }
}

/** Consumes the body of marked requests, like a body parser. */
function consumeBody(request: IncomingMessage, _response: ServerResponse, next: () => void): void {
  if (request.headers['x-consume'] === undefined) next();
  else request.resume().once('end', next);
}

@Module({ providers: [FailingOffers] })
export class FailingOffersModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(consumeBody).forRoutes('*path');
  }
}
