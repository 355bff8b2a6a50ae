import { Injectable, Module } from '@nestjs/common';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { type } from 'arktype';
import { z } from 'zod';

import type { InputSchema } from '../src/mcp/decorators/mcp-tool.decorator.js';
import { LiveCatalog, McpPrompt, McpTool } from '../src/mcp/index.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { CLIENTS, connectWithToken } from './support/clients.js';
import { ERAS, toolCall } from './support/rpc.js';

const node = z.object({
  value: z.string(),
  get children() {
    return z.array(node);
  },
});
const item = z.object({ n: z.number() }).meta({ id: 'PublishedItem' });

/** Output schemas, each with a result of a tool. */
const OUTPUTS: readonly (readonly [name: string, output: InputSchema, returned: unknown])[] = [
  ['object', z.object({ a: z.string() }), { a: 'x' }],
  ['empty', z.object({}), {}],
  ['stripped', z.object({ a: z.string() }), { a: 'x', secret: 'y' }],
  ['loose', z.looseObject({ a: z.string() }), { a: 'x', more: [1] }],
  ['named', z.object({ a: item, b: item }).meta({ id: 'PublishedNamed' }), { a: { n: 1 }, b: { n: 2 } }],
  ['recursive', node, { value: 'a', children: [{ value: 'b', children: [] }] }],
  ['named_recursive', node.meta({ id: 'PublishedNode' }), { value: 'a', children: [] }],
  ['union', z.union([z.object({ a: z.string() }), z.object({ b: z.number() })]), { b: 1 }],
  [
    'discriminated',
    z.discriminatedUnion('k', [z.object({ k: z.literal('a') }), z.object({ k: z.literal('b') })]),
    { k: 'b' },
  ],
  [
    'intersection',
    z.intersection(z.object({ a: z.string() }), z.object({ b: z.string() })),
    { a: 'x', b: 'y' },
  ],
  [
    'intersection_with_record',
    z.intersection(z.object({ a: z.string() }), z.record(z.string(), z.string())),
    { a: 'x', b: 'y' },
  ],
  [
    'intersection_with_union',
    z.intersection(
      z.record(z.string(), z.string()),
      z.discriminatedUnion('k', [z.object({ k: z.literal('a') }), z.object({ k: z.literal('b') })]),
    ),
    { k: 'a', b: 'y' },
  ],
  ['flags_of_arktype', type({ r: /^A/i }), { r: 'abc' }],
  ['record', z.record(z.string(), z.number()), { 'any key': 1 }],
  ['enum_record', z.record(z.enum(['a', 'b']), z.number()), { a: 1, b: 2 }],
  ['defaults', z.object({ a: z.string().default('x'), b: z.string().optional(), c: z.null() }), { c: null }],
  ['anything', z.object({ a: z.unknown(), b: z.any() }), { a: [1, { b: null }], b: 'x' }],
  ['tuple', z.object({ at: z.tuple([z.string(), z.number()]) }), { at: ['x', 1] }],
  ['tuple_with_rest', z.object({ at: z.tuple([z.string()], z.number()) }), { at: ['x', 1, 2] }],
  ['price', z.object({ price: z.number().multipleOf(0.01) }), { price: 0.07 }],
  ['url', z.object({ url: z.url() }), { url: 'https://example.com/ü?q=a b' }],
  ['time', z.object({ at: z.iso.time(), on: z.iso.date() }), { at: '12:00:00', on: '2026-11-26' }],
  ['local_time', z.object({ at: z.iso.datetime({ local: true }) }), { at: '2026-11-26T12:00' }],
  [
    'flags',
    z.object({
      code: z
        .string()
        .regex(/^[a-z]+$/i)
        .regex(/^.{2}$/),
    }),
    { code: 'AB' },
  ],
  [
    'formats',
    z.object({ a: z.email(), b: z.uuid(), c: z.ipv6(), d: z.base64(), f: z.iso.duration() }),
    {
      a: 'ann@example.com',
      b: '0d9a9f8e-2f0f-4d38-9d5a-3f3f0f7f8b11',
      c: '::1',
      d: 'aGk=',
      f: 'P1D',
    },
  ],
  ['converted', z.object({ on: z.stringbool() }), { on: 'yes' }],
  ['list', z.array(z.number()), [1, 2]],
  ['list_of_named', z.array(item), [{ n: 1 }]],
  ['text', z.string(), 'a text'],
  ['number', z.number(), 0],
  ['maybe', z.object({ a: z.string() }).nullable(), { a: 'x' }],
  ['nullish', z.object({ a: z.string() }).nullish(), undefined],
  ['any', z.any(), undefined],
  ['mixed', z.union([z.object({ a: z.string() }), z.array(z.string())]), ['x']],
];

/** Structured content that a schema produces from a value; null means none. */
async function yieldedBy(output: InputSchema, value: unknown): Promise<unknown> {
  const outcome = await output['~standard'].validate(value);
  if (outcome.issues) throw new Error(JSON.stringify(outcome.issues));
  return outcome.value ?? null;
}

/** Outputs that are not only objects. Before 2026-07-28, they become the member `result` of an object. */
const NOT_OBJECTS = new Set(['list', 'list_of_named', 'text', 'number', 'maybe', 'mixed', 'nullish', 'any']);

/** Oldest transport, which version 1 of the SDK serves. */
const OVER_SSE: (typeof CLIENTS)[number] = [
  'v1, HTTP+SSE',
  (url, options) => {
    const client = new Client({ name: 'end-to-end test', version: '1.0.0' });
    return {
      connect: async () => {
        await client.connect(new SSEClientTransport(new URL(`${url}/sse`), options));
        return client;
      },
      finishAuth: () => Promise.resolve(),
    };
  },
];

@Injectable()
class Published {
  constructor(catalog: LiveCatalog) {
    for (const [name, output, value] of OUTPUTS) {
      const options = { name, description: 'x', scopes: 'authenticated', output } as const;
      catalog.addTool(options, () => value);
    }
  }

  @McpTool({
    name: 'with_named_input',
    description: 'Takes a schema with an id.',
    input: z
      .object({ region: z.string().meta({ 'x-mcp-header': 'Region' }), organization: z.string().optional() })
      .meta({ id: 'PublishedInput' }),
    organizationArgument: 'organization',
    scopes: 'authenticated',
  })
  withNamedInput({ region }: { region: string }): string {
    return region;
  }

  @McpPrompt({
    name: 'with_named_arguments',
    arguments: z.object({ language: z.string().describe('Which one') }).meta({ id: 'PublishedArguments' }),
    complete: { language: 'languages' },
    scopes: 'authenticated',
  })
  withNamedArguments({ language }: { language: string }): string {
    return language;
  }

  languages(): string[] {
    return ['typescript'];
  }
}

@Module({ providers: [Published] })
class PublishedModule {}

describe('published schemas', () => {
  let aerie: Aerie;
  beforeAll(async () => {
    aerie = await startAerie({ modules: [PublishedModule], environment: { MCP_SSE: 'on' } });
  });
  afterAll(() => aerie.close());

  describe.each([...CLIENTS, OVER_SSE])('with the official client %s', (era, attempt) => {
    it('are compiled, and every result is valid', async () => {
      const client = await connectWithToken([era, attempt], aerie.url, await aerie.token());
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(OUTPUTS.map(([name]) => name)));
      for (const [name, output, value] of OUTPUTS) {
        const result = await client.callTool({ name, arguments: {} });
        const natural = await yieldedBy(output, value);
        const isWrapped = NOT_OBJECTS.has(name) && !era.endsWith('2026-07-28');
        expect({ name, result }).toEqual({
          name,
          result: expect.objectContaining({ structuredContent: isWrapped ? { result: natural } : natural }),
        });
      }
      await client.close();
    });
  });

  describe.each(ERAS)('in the era of %s', (_era, send) => {
    const ask = async (
      method: string,
      params: Record<string, unknown> = {},
    ): Promise<Record<string, object[]>> => {
      const response = await send(aerie.url, await aerie.token(), { method, params });
      return ((await response.json()) as { result: Record<string, object[]> }).result;
    };

    it('have properties at the root, even without arguments', async () => {
      const { tools } = await ask('tools/list');
      for (const tool of tools ?? []) {
        expect(tool).toMatchObject({ inputSchema: { type: 'object', properties: {} } });
      }
    });

    it('have the members of a named schema at the root', async () => {
      const { tools } = await ask('tools/list');
      expect(tools).toContainEqual(
        expect.objectContaining({
          name: 'with_named_input',
          inputSchema: expect.objectContaining({
            properties: { region: expect.anything(), organization: expect.anything() },
          }),
        }),
      );
      const { prompts } = await ask('prompts/list');
      expect(prompts).toEqual([
        {
          name: 'with_named_arguments',
          arguments: [{ name: 'language', description: 'Which one', required: true }],
        },
      ]);
      expect(
        await ask('completion/complete', {
          ref: { type: 'ref/prompt', name: 'with_named_arguments' },
          argument: { name: 'language', value: 't' },
        }),
      ).toMatchObject({ completion: { values: ['typescript'] } });
    });

    it('bind the organization argument of a named input', async () => {
      const { method, params } = toolCall('with_named_input', { region: 'eu', organization: 'org_other' });
      const response = await send(
        aerie.url,
        await aerie.token(),
        { method, params: params ?? {} },
        { 'mcp-param-region': 'eu' },
      );
      expect(await response.text()).toMatch(/may only name your own organi[sz]ation/);
    });
  });
});
