import { BadRequestException, Injectable, Module } from '@nestjs/common';
import { z } from 'zod';

import { McpPrompt, McpResource, McpTool, ToolError } from '../src/mcp/index.js';
import { type RpcAnswer, serveAndAsk, WAYS } from './support/ways.js';

const listing = z.object({
  cursor: z.string().optional(),
  limit: z.int().default(10),
  parent: z.string().nullable().optional(),
});

/** Message of a ZodError that a handler throws. */
const REPORT = z.object({ page: z.number() }).safeParse({ page: 'x' }).error?.message ?? '';

@Injectable()
class Offers {
  @McpTool({
    name: 'list_things',
    description: 'Lists things.',
    scopes: 'authenticated',
    input: listing,
  })
  list(input: z.output<typeof listing>): string {
    return JSON.stringify(input);
  }

  @McpResource({ uri: 'thing://{id}', name: 'thing', scopes: 'authenticated', complete: { id: 'ids' } })
  thing({ id }: { id: string }): string | undefined {
    return id === '1' ? 'one' : undefined;
  }

  ids(): string[] {
    return ['1'];
  }

  @McpPrompt({
    name: 'review',
    scopes: 'authenticated',
    arguments: z.object({ code: z.string(), tone: z.string().optional() }),
    complete: { tone: 'tones' },
  })
  review(input: object): string {
    return JSON.stringify(input);
  }

  tones(): string[] {
    return ['kind'];
  }

  @McpResource({ uri: 'report://tool-error', name: 'report', scopes: 'authenticated' })
  report(): string {
    throw new ToolError(REPORT);
  }

  @McpPrompt({ name: 'report_prompt', scopes: 'authenticated' })
  reportPrompt(): string {
    throw new BadRequestException(REPORT);
  }
}

@Module({ providers: [Offers] })
class OffersModule {}

/** Valid parameters of each method. */
const VALID: Readonly<Record<string, Record<string, unknown>>> = {
  initialize: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
  ping: {},
  'server/discover': {},
  'tools/list': { cursor: 'x' },
  'tools/call': { name: 'list_things', arguments: { limit: 1 } },
  'resources/list': { cursor: 'x' },
  'resources/templates/list': { cursor: 'x' },
  'resources/read': { uri: 'thing://1' },
  'resources/subscribe': { uri: 'thing://1' },
  'resources/unsubscribe': { uri: 'thing://1' },
  'prompts/list': { cursor: 'x' },
  'prompts/get': { name: 'review', arguments: { code: 'x' } },
  'completion/complete': {
    ref: { type: 'ref/prompt', name: 'review' },
    argument: { name: 'tone', value: '' },
    context: { arguments: { code: 'x' } },
  },
  'logging/setLevel': { level: 'info' },
  'subscriptions/listen': { notifications: { toolsListChanged: true } },
};

const VALUES: readonly unknown[] = [undefined, null, 7, 'x', [], [null], {}, { x: null }, true];

/** Copies of a value in which one member, at any depth, is missing or has another type. */
function* mutationsOf(value: Record<string, unknown>): Generator<Record<string, unknown>> {
  for (const [name, member] of Object.entries(value)) {
    for (const other of VALUES) yield { ...value, [name]: other };
    if (typeof member !== 'object' || member === null) continue;
    for (const inner of mutationsOf(member as Record<string, unknown>)) yield { ...value, [name]: inner };
  }
}

const META = ['protocolVersion', 'clientInfo', 'clientCapabilities', 'logLevel'].map(
  (key) => `io.modelcontextprotocol/${key}`,
);
const META_MUTATIONS = VALUES.flatMap((value) => [
  { _meta: value },
  ...[...META, 'progressToken'].map((key) => ({ _meta: { [key]: value } })),
  { _meta: { 'io.modelcontextprotocol/clientInfo': { name: value, version: '1' } } },
  { _meta: { 'io.modelcontextprotocol/clientCapabilities': { elicitation: value } } },
  { _meta: { 'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: value } } } },
]);

describe.each(WAYS)('$name', (way) => {
  const ask = serveAndAsk(way, [OffersModule]);
  const { era } = way;

  const refused = (message: string | RegExp): object => ({
    error: { code: -32_602, message: typeof message === 'string' ? message : expect.stringMatching(message) },
  });

  it.each(Object.keys(VALID))('answers invalid parameters of %s in one sentence', async (method) => {
    const wrong: unknown[] = [];
    const valid = VALID[method] ?? {};
    for (const params of [...mutationsOf(valid), ...META_MUTATIONS.map((meta) => ({ ...valid, ...meta }))]) {
      if (isListening(method, params)) continue;
      const { error } = await ask({ method, params, id: wrong.length + 1 });
      if (error && !isReadable(error)) wrong.push([params, error]);
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    ['tools/list', { cursor: null }, 'params.cursor must be a string, not null.'],
    ['tools/call', {}, 'params.name is missing.'],
    [
      'tools/call',
      { name: 'list_things', arguments: [] },
      'params.arguments must be an object, not an array.',
    ],
    ['resources/read', {}, 'params.uri is missing.'],
    ['prompts/get', { name: 7 }, 'params.name must be a string, not a number.'],
    [
      'prompts/get',
      { name: 'review', arguments: { code: 7 } },
      'params.arguments.code must be a string, not a number.',
    ],
    [
      'completion/complete',
      { ref: { type: 'ref/prompt' }, argument: { name: 'tone', value: '' } },
      'params.ref.name is missing.',
    ],
  ])('names the wrong member of %s %j', async (method, params, message) => {
    expect(await ask({ method, params })).toMatchObject(refused(message));
  });

  it('names an unknown member of the JSON-RPC envelope', async () => {
    for (const [_meta, message] of [
      [{ progressToken: {} }, 'params._meta.progressToken must be a string or an integer.'],
      [[], 'params._meta must be an object.'],
    ]) {
      const answer = await ask({ method: 'tools/list', params: { _meta }, id: 7 });
      expect(answer).toMatchObject({ id: 7, error: { code: -32_600, message } });
    }
  });

  it('keeps a handler’s message that looks like a validation report', async () => {
    for (const request of [
      { method: 'resources/read', params: { uri: 'report://tool-error' } },
      { method: 'prompts/get', params: { name: 'report_prompt' } },
    ]) {
      expect((await ask(request)).error).toEqual({ code: -32_602, message: REPORT });
    }
  });

  it('answers an unknown method with -32601', async () => {
    for (const method of ['tools/run', 'constructor', '__proto__', '']) {
      expect(await ask({ method })).toMatchObject({ error: { code: -32_601 } });
    }
  });

  const textOf = ({ result }: RpcAnswer): unknown => {
    const { content } = result as { content: { text: string }[] };
    return JSON.parse(content.map(({ text }) => text).join(''));
  };

  it('treats a null progress token as absent', async () => {
    expect(
      (await ask({ method: 'tools/list', params: { _meta: { progressToken: null } } })).error,
    ).toBeUndefined();
  });

  it('treats a null _meta as absent', async () => {
    const { error } = await ask({ method: 'tools/list', params: { _meta: null } });
    // The latest revision requires the member.
    expect(error?.message).toEqual(era === 'modern' ? expect.stringMatching(/envelope|_meta/) : undefined);
  });

  it('treats null arguments of a tool as absent', async () => {
    const answer = await ask({ method: 'tools/call', params: { name: 'list_things', arguments: null } });
    expect(textOf(answer)).toEqual({ limit: 10 });
  });

  it('treats a null argument of a tool as absent unless the schema allows null', async () => {
    const call = (args: object): Promise<RpcAnswer> =>
      ask({ method: 'tools/call', params: { name: 'list_things', arguments: args } });
    expect(textOf(await call({ cursor: null, limit: null, parent: null }))).toEqual({
      limit: 10,
      parent: null,
    });
    expect(await call({ limit: 'many', cursor: null })).toMatchObject({ result: { isError: true } });
  });

  it('ignores arguments of a tool without input', async () => {
    const answer = await ask({
      method: 'tools/call',
      params: { name: 'whoami', arguments: { toolCallId: 'x' } },
    });
    expect(answer.result?.['isError'] ?? false).toBe(false);
    expect(answer.result).toMatchObject({ content: [{ type: 'text' }] });
  });

  it('treats a null argument of a prompt as absent', async () => {
    const { result } = await ask({
      method: 'prompts/get',
      params: { name: 'review', arguments: { code: 'x', tone: null } },
    });
    expect(result).toMatchObject({ messages: [{ content: { text: '{"code":"x"}' } }] });
  });

  it('answers an unknown resource with the code of the revision', async () => {
    const code = era === 'modern' ? -32_602 : -32_002;
    const [unknown, missing] = ['nowhere://1', 'thing://2'];
    for (const uri of [unknown, missing]) {
      const answer = await ask({ method: 'resources/read', params: { uri } });
      expect(answer).toMatchObject({ error: { code, data: { uri } } });
    }
    if (era === 'modern') return;
    const answer = await ask({ method: 'resources/subscribe', params: { uri: unknown } });
    expect(answer).toMatchObject({ error: { code, data: { uri: unknown } } });
  });

  if (era === 'legacy') {
    const valid = VALID['initialize'];
    const isBatch = way.name.endsWith('in a batch');
    it.each([
      [
        'initialize',
        { ...valid, clientInfo: undefined },
        isBatch
          ? { error: { code: -32_600, message: 'An initialize request must not be part of a batch.' } }
          : refused('params.clientInfo is missing.'),
      ],
      [
        'logging/setLevel',
        { level: 'loud' },
        refused(/^params\.level must be one of debug, info, .*emergency\.$/),
      ],
    ])('names the wrong member of %s %j', async (method, params, expected) => {
      expect(await ask({ method, params })).toMatchObject(expected);
    });
  }
});

/** Whether the request is valid and has no response before its stream ends. */
const isListening = (method: string, params: Record<string, unknown>): boolean =>
  method === 'subscriptions/listen' && typeof params['notifications'] === 'object';

const isReadable = ({ code, message }: NonNullable<RpcAnswer['error']>): boolean =>
  code !== -32_603 && /^[^\n{]{1,400}$/.test(message) && !/28: Invalid input/.test(message);
