import { Injectable, Module } from '@nestjs/common';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';

import {
  type CallContext,
  fromJsonSchema,
  McpPrompt,
  McpResource,
  McpTool,
  Principal,
  ToolError,
} from '../../src/mcp/index.js';
import { DiceTools } from '../examples/dice.js';
import { InvoiceTools } from '../examples/invoices.js';
import { ReviewPrompts } from '../examples/prompts.js';
import { ReportResources } from '../examples/resources.js';
import { AreaTools } from '../examples/tools.js';

export const PIXEL = Buffer.from('iVBORw0KGgo=', 'base64');

@Injectable()
class Resources {
  constructor(private readonly principal: Principal) {}

  @McpResource({ uri: 'info://about', name: 'about', title: 'About', scopes: 'authenticated', size: 5 })
  about(): string {
    return `for ${this.principal.subject.slice(0, 4)}`;
  }

  @McpResource({
    uri: 'img://pixel',
    name: 'pixel',
    mimeType: 'image/png',
    scopes: 'authenticated',
    cache: { ttlMs: 1000, cacheScope: 'public' },
  })
  pixel(): Uint8Array {
    return PIXEL;
  }

  @McpResource({ uri: 'data://whole', name: 'whole', scopes: 'authenticated' })
  whole(): object {
    return {
      contents: [
        { uri: 'data://part', text: 'one' },
        { uri: 'data://other', text: 'two' },
      ],
    };
  }

  @McpResource({ uri: 'data://json', name: 'json', scopes: 'authenticated' })
  json(): object {
    return { a: 1 };
  }

  @McpResource({
    uri: 'file://{folder}/{name}',
    name: 'file',
    scopes: ['org:read'],
    list: 'files',
    complete: { folder: 'folders' },
  })
  file({ folder, name }: { folder: string; name: string }): string {
    if (name === 'missing') throw new ToolError(`There is no file ${name}.`);
    if (name === 'broken') throw new Error('secret detail');
    return `${folder}:${name}`;
  }

  files(): { uri: string; name: string }[] {
    return ['b', 'a'].map((name) => ({ uri: `file://docs/${name}`, name }));
  }

  folders({ value, siblings }: { value: string; siblings: Readonly<Record<string, string>> }): string[] {
    return Array.from({ length: 150 }, (_, index) => `${value}${siblings['name'] ?? ''}${index}`);
  }

  @McpResource({ uri: 'vault://{key}', name: 'vault', scopes: ['vault:open'], visibility: 'secret' })
  vault({ key }: { key: string }): string {
    return key;
  }

  @McpResource({ uri: 'file://docs/hidden', name: 'hidden', scopes: ['vault:open'], visibility: 'secret' })
  hidden(): string {
    return 'hidden';
  }

  @McpResource({ uri: 'found://it', name: 'found', scopes: ['mail:send'], visibility: 'discoverable' })
  found(): string {
    return 'found';
  }
}

@Injectable()
class Prompts {
  @McpPrompt({ name: 'greeting', title: 'Greeting', description: 'Greets.', scopes: 'authenticated' })
  greeting(_input: object, { principal }: CallContext) {
    return {
      messages: [
        { role: 'assistant', content: { type: 'text', text: `Hello ${principal.subject.slice(0, 4)}` } },
      ],
    };
  }

  // @ts-expect-error a prompt has messages
  @McpPrompt({ name: 'nothing', scopes: 'authenticated' })
  nothing(): void {}

  @McpPrompt({ name: 'admins', scopes: ['admin'] })
  admins(): string {
    return 'for admins';
  }
}

@Injectable()
class Tools {
  @McpTool({
    name: 'lying',
    description: 'Promises something else.',
    output: z.object({ count: z.number() }),
    scopes: 'authenticated',
  })
  lying(): never {
    return JSON.parse('{"count":"many"}') as never;
  }

  @McpTool({
    name: 'failing',
    description: 'Promises, and fails.',
    output: z.object({ count: z.number() }),
    scopes: 'authenticated',
  })
  failing(): { content: []; isError: true } {
    return { content: [], isError: true };
  }

  @McpTool({
    name: 'by_json_schema',
    description: 'Takes what a JSON Schema says.',
    input: fromJsonSchema<{ count: number }>({
      type: 'object',
      properties: { count: { type: 'integer', minimum: 1 } },
      required: ['count'],
      additionalProperties: false,
    }),
    icons: [{ src: 'https://example.com/icon.png', sizes: ['48x48'] }],
    _meta: { 'example.com/kind': 'counter' },
    scopes: 'authenticated',
  })
  byJsonSchema({ count }: { count: number }): number {
    return count + 1;
  }

  @McpTool({
    name: 'by_valibot',
    description: 'Takes what a schema of Valibot says.',
    input: toStandardJsonSchema(v.object({ name: v.pipe(v.string(), v.minLength(2)) })),
    output: toStandardJsonSchema(v.object({ length: v.number() })),
    scopes: 'authenticated',
  })
  byValibot({ name }: { name: string }): { length: number } {
    return { length: name.length };
  }

  @McpTool({
    name: 'by_arktype',
    description: 'Takes what a type of ArkType says.',
    input: type({ name: 'string > 1' }),
    output: type({ length: 'number' }),
    scopes: 'authenticated',
  })
  byArkType({ name }: { name: string }): { length: number } {
    return { length: name.length };
  }

  @McpTool({
    name: 'routed',
    description: 'Has arguments that are repeated in headers.',
    input: z.object({
      region: z.string().meta({ 'x-mcp-header': 'Region' }),
      shard: z.int().optional().meta({ 'x-mcp-header': 'Shard' }),
    }),
    scopes: 'authenticated',
  })
  routed({ region, shard }: { region: string; shard?: number | undefined }): string {
    return `${region} ${shard ?? 'none'}`;
  }
}

@Module({
  providers: [Resources, Prompts, Tools, ReportResources, ReviewPrompts, AreaTools, DiceTools, InvoiceTools],
})
export class OffersModule {}
