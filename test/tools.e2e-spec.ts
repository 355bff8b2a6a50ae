import { setTimeout as pause } from 'node:timers/promises';

import { Injectable, Module, NotFoundException } from '@nestjs/common';
import { of } from 'rxjs';
import { z } from 'zod';

import { CallContext, McpTool, ToolError } from '../src/mcp/index.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { ERAS, message, post, postModern, toolCall } from './support/rpc.js';

let lastSignal: AbortSignal | undefined;
let finished = 0;
let onBegin: (signal: AbortSignal) => void = () => undefined;

function circular(): object {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value;
}

@Injectable()
class TestTools {
  @McpTool({
    name: 'returns',
    scopes: 'authenticated',
    description: 'Returns all sorts of things.',
    input: z.object({ kind: z.string() }),
  })
  returns({ kind }: { kind: string }): unknown {
    const values: Record<string, unknown> = {
      string: 'text',
      number: 42,
      list: [1, 2],
      object: { a: 1 },
      nothing: undefined,
      content: { content: [{ type: 'image', data: 'aGk=', mimeType: 'image/png' }] },
      structured: { structuredContent: { b: 2 } },
      circular: circular(),
      bigint: 1n,
      huge: 'x'.repeat(70_000),
      hugeStructured: { content: [], structuredContent: { text: 'x'.repeat(70_000) } },
      half: 'x'.repeat(40_000),
      date: new Date(0),
      observable: of('observed'),
      document: { content: 'a', title: 'b' },
      invalid: { content: [{ type: 'image', data: 'x' }] },
    };
    return values[kind];
  }

  @McpTool({
    name: 'fails',
    scopes: 'authenticated',
    description: 'Fails.',
    input: z.object({ how: z.enum(['tool', 'http', 'error', 'text']) }),
  })
  fails({ how }: { how: 'tool' | 'http' | 'error' | 'text' }): never {
    switch (how) {
      case 'tool':
        throw new ToolError('There is no order 7. Call list_orders to see which there are.');
      case 'http':
        throw new NotFoundException('There is no order 8.');
      case 'error':
        throw new Error('connect ECONNREFUSED db.internal:5432 password=hunter2');
      case 'text':
        throw 'a string that is thrown' as unknown as Error;
    }
  }

  @McpTool({
    name: 'slow',
    scopes: 'authenticated',
    description: 'Takes long.',
    input: z.object({ ms: z.number() }),
    timeout: 300,
  })
  async slow({ ms }: { ms: number }, { signal }: CallContext): Promise<string> {
    lastSignal = signal;
    onBegin(signal);
    await pause(ms, undefined, { signal });
    finished++;
    return 'done';
  }

  @McpTool({
    name: 'patient',
    scopes: 'authenticated',
    description: 'Has a schema that takes its time.',
    input: z.object({}).refine(async () => pause(5_000, true, { ref: false })),
  })
  patient(): string {
    return 'done';
  }

  @McpTool({
    name: 'order',
    scopes: 'authenticated',
    description: 'Has a schema worth the name.',
    input: z.object({ id: z.number().int(), lines: z.array(z.object({ sku: z.string().min(3) })) }),
  })
  order({ id }: { id: number }): string {
    return `order ${id}`;
  }
}

@Module({ providers: [TestTools] })
class TestModule {}

interface Result {
  content: { type: string; text?: string }[];
  structuredContent?: unknown;
  isError?: boolean;
}

describe.each(ERAS)('a tool, in the era of %s', (era, send) => {
  let aerie: Aerie;
  let token: string;
  beforeAll(async () => {
    aerie = await startAerie({ modules: [TestModule], environment: { RESULT_LIMIT: '64kb' } });
    token = await aerie.token();
  });
  afterAll(() => aerie.close());

  const call = async (name: string, args: object): Promise<Result> => {
    const response = await send(aerie.url, token, toolCall(name, args));
    expect(response.status).toBe(200);
    return ((await response.json()) as { result: Result }).result;
  };

  it.each([
    ['string', { content: [{ type: 'text', text: 'text' }] }],
    ['number', { content: [{ type: 'text', text: '42' }] }],
    ['list', { content: [{ type: 'text', text: '[1,2]' }] }],
    ['object', { content: [{ type: 'text', text: '{"a":1}' }], structuredContent: { a: 1 } }],
    ['nothing', { content: [] }],
    ['date', { content: [{ type: 'text', text: '"1970-01-01T00:00:00.000Z"' }] }],
    ['observable', { content: [{ type: 'text', text: 'observed' }] }],
    ['document', { structuredContent: { title: 'b', content: 'a' } }],
    ['content', { content: [{ type: 'image', data: 'aGk=', mimeType: 'image/png' }] }],
    ['structured', { content: [{ type: 'text', text: '{"b":2}' }], structuredContent: { b: 2 } }],
  ])('may return a %s', async (kind, expected) => {
    const result = await call('returns', { kind });
    expect(result).toMatchObject(expected);
    expect(result.isError).toBeFalsy();
    expect('structuredContent' in result).toBe('structuredContent' in expected);
  });

  it.each(['huge', 'hugeStructured'])(
    'returns an error instead of a result that is too large (%s)',
    async (kind) => {
      const { isError, content } = await call('returns', { kind });
      expect(isError).toBe(true);
      expect(content[0]?.text).toMatch(/too large: 70\d\d\d characters, with a limit of 65536 per request/);
    },
  );

  it.each([
    ['circular', 'The tool returned a value that cannot be sent as JSON. "self" contains itself.'],
    [
      'bigint',
      'The tool returned a value that cannot be sent as JSON. The value is a bigint. Convert it to a string or a number.',
    ],
    ['invalid', 'The tool failed unexpectedly.'],
  ])('that returns what cannot be a result (%s) fails safely', async (kind, text) => {
    const { isError, content } = await call('returns', { kind });
    expect(isError).toBe(true);
    const [said, id = ''] = content[0]?.text?.split(' Correlation id: ') ?? [];
    expect(said).toBe(text);
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(aerie.logs.some((line) => line.includes(id))).toBe(true);
  });

  it.each([
    ['tool', 'There is no order 7. Call list_orders to see which there are.'],
    ['http', 'There is no order 8.'],
  ])('passes on the message that its author wrote (%s)', async (how, text) => {
    expect(await call('fails', { how })).toMatchObject({ isError: true, content: [{ type: 'text', text }] });
  });

  it.each(['error', 'text'])(
    'keeps an unexpected failure (%s) to the log, under a correlation id',
    async (how) => {
      const { isError, content } = await call('fails', { how });
      expect(isError).toBe(true);
      const id = /^The tool failed unexpectedly\. Correlation id: ([0-9a-f-]{36})$/.exec(
        content[0]?.text ?? '',
      )?.[1];
      const line = aerie.logs.find((text) => id !== undefined && text.includes(id));
      expect(line).toMatch(how === 'error' ? /ECONNREFUSED/ : /a string that is thrown/);
    },
  );

  it('tells the model how to fix its arguments', async () => {
    const { isError, content } = await call('order', { id: 'seven', lines: [{ sku: 'x' }] });
    expect(isError).toBe(true);
    expect(content[0]?.text).toMatch(/id: .*number/);
    expect(content[0]?.text).toMatch(/lines\.0\.sku: .*3/);
  });

  it.each([
    ['no arguments for one that needs some', 'order', {}, /id:/],
    ['an empty name', 'greet_user', { name: '' }, /name:/],
  ])('refuses %s', async (_what, name, args, text) => {
    const { isError, content } = await call(name, args);
    expect(isError).toBe(true);
    expect(content[0]?.text).toMatch(text);
  });

  it('ignores undeclared arguments, which some clients add', async () => {
    const { isError, content } = await call('whoami', { toolCallId: 'call_1' });
    expect(isError).toBeUndefined();
    expect(content[0]?.text).toMatch(/usr_/);
  });

  it('that takes too long is ended, and its signal aborts', async () => {
    const { isError, content } = await call('slow', { ms: 5_000 });
    expect(isError).toBe(true);
    expect(content[0]?.text).toBe('The call did not end within 0.3 s.');
    expect(lastSignal?.aborted).toBe(true);
  });

  it('is cancelled when its caller disconnects, from 2026-07-28 on', async () => {
    finished = 0;
    const began = new Promise<AbortSignal>((resolve) => (onBegin = resolve));
    const caller = new AbortController();
    const answer = send(aerie.url, token, toolCall('slow', { ms: 250 }), {}, caller.signal);
    answer.catch(() => undefined);
    const signal = await began;
    caller.abort();
    await expect(answer).rejects.toThrow(/abort/);
    await pause(300);
    expect(signal.aborted).toBe(era === '2026-07-28');
    expect(finished).toBe(era === '2026-07-28' ? 0 : 1);
    expect(aerie.logs.filter((line) => line.includes('Tool slow failed'))).toEqual([]);
  });

  it('finishes and responds while the server stops, without delaying the stop', async () => {
    const stopping = await startAerie({ modules: [TestModule], environment: { SHUTDOWN_TIMEOUT: '60s' } });
    const began = new Promise<AbortSignal>((resolve) => (onBegin = resolve));
    const answer = send(stopping.url, await stopping.token(), toolCall('slow', { ms: 250 }));
    await began;
    const start = Date.now();
    await stopping.application.close();
    expect(await (await answer).text()).toContain('done');
    expect(Date.now() - start).toBeLessThan(20_000);
    await stopping.close();
  });

  it('is described by JSON Schema', async () => {
    const response = await send(aerie.url, token, { method: 'tools/list' });
    const { result } = (await response.json()) as {
      result: { tools: { name: string; inputSchema: object }[] };
    };
    const schemaOf = (name: string): object | undefined =>
      result.tools.find((tool) => tool.name === name)?.inputSchema;
    expect(schemaOf('greet_user')).toMatchObject({
      type: 'object',
      properties: { name: { type: 'string', minLength: 1 } },
      required: ['name'],
    });
    expect(schemaOf('whoami')).toEqual({ type: 'object', properties: {} });
  });
});

describe('a batch', () => {
  it('returns the results that fit if they are too large together', async () => {
    const aerie = await startAerie({ modules: [TestModule], environment: { RESULT_LIMIT: '64kb' } });
    try {
      const response = await post(
        aerie.url,
        await aerie.token(),
        [1, 2].map((id) => message(toolCall('returns', { kind: 'half' }, id))),
      );
      const answers = (await response.json()) as { result: Result }[];
      expect(answers.map(({ result }) => result.isError ?? false)).toEqual([false, true]);
    } finally {
      await aerie.close();
    }
  });
});

describe('calls in flight', () => {
  it('beyond the organization’s maximum are rejected at once, and others are served', async () => {
    const aerie = await startAerie({
      modules: [TestModule],
      environment: { MAX_CALLS_IN_FLIGHT_PER_ORGANIZATION: '1' },
    });
    try {
      const token = await aerie.token();
      const began = new Promise<AbortSignal>((resolve) => (onBegin = resolve));
      const first = post(aerie.url, token, message(toolCall('slow', { ms: 250 })));
      await began;
      const second = await post(aerie.url, token, message(toolCall('whoami', {}, 'second')));
      expect(second.status).toBe(429);
      expect(second.headers.get('retry-after')).toBe('1');
      expect(await second.json()).toMatchObject({
        id: 'second',
        error: { code: -32000, data: { limit: 'in_flight_organization' } },
      });
      const other = await aerie.token({ user: 'bob' });
      expect((await post(aerie.url, other, message(toolCall('whoami')))).status).toBe(200);
      expect(await (await first).text()).toContain('done');
      expect((await post(aerie.url, token, message(toolCall('whoami')))).status).toBe(200);
    } finally {
      await aerie.close();
    }
  });
});

describe('TOOL_TIMEOUT', () => {
  it('ends a call whose tool sets no timeout', async () => {
    const aerie = await startAerie({ modules: [TestModule], environment: { TOOL_TIMEOUT: '100ms' } });
    try {
      const response = await post(aerie.url, await aerie.token(), message(toolCall('patient')));
      expect(await response.text()).toContain('did not end within 0.1 s');
    } finally {
      await aerie.close();
    }
  });
});

describe('the two eras', () => {
  let aerie: Aerie;
  let token: string;
  beforeAll(async () => {
    aerie = await startAerie();
    token = await aerie.token();
  });
  afterAll(() => aerie.close());

  it('serve discovery and private lists to 2026-07-28', async () => {
    const discovery = await (await postModern(aerie.url, token, { method: 'server/discover' })).json();
    expect(discovery).toMatchObject({
      result: { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } },
    });
    const list = await (await postModern(aerie.url, token, { method: 'tools/list' })).json();
    expect(list).toMatchObject({ result: { cacheScope: 'private', resultType: 'complete' } });
  });

  it.each(['2025-03-26', '2025-06-18', '2025-11-25'])('accept initialize of %s', async (protocolVersion) => {
    const response = await post(
      aerie.url,
      token,
      message({
        method: 'initialize',
        params: { protocolVersion, capabilities: {}, clientInfo: { name: 'test', version: '1' } },
      }),
    );
    expect(await response.json()).toMatchObject({
      result: { protocolVersion, serverInfo: { name: 'aerie' }, capabilities: { tools: {} } },
    });
    expect(response.headers.get('mcp-session-id')).toBeNull();
    const notified = await post(aerie.url, token, { jsonrpc: '2.0', method: 'notifications/initialized' });
    expect(notified.status).toBe(202);
  });
});
