import { BadRequestException, Injectable, Module, NotFoundException } from '@nestjs/common';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { z } from 'zod';

import { DatabaseIndicator } from '../src/health/database.indicator.js';
import { type CallContext, McpPrompt, McpResource, McpTool, ToolError } from '../src/mcp/index.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { CLIENTS, connectWithToken } from './support/clients.js';
import { ERAS, message, MODERN, MODERN_ENVELOPE, post, toolCall } from './support/rpc.js';

const base = { description: 'x', scopes: 'authenticated', annotations: { readOnlyHint: true } } as const;
const HALF = '👍'.charAt(0);

@Injectable()
class Tools {
  @McpTool({ ...base, name: 'leaks', output: z.object({ id: z.number() }) })
  leaks(): { id: number; passwordHash: string } {
    return { id: 1, passwordHash: 'SECRET' };
  }

  @McpTool({ ...base, name: 'validates' })
  validates(): string {
    throw new BadRequestException(['name must be a string', 'age must not be less than 18']);
  }

  @McpTool({ ...base, name: 'map' })
  map(): { stock: Map<string, number> } {
    return { stock: new Map([['a', 1]]) };
  }

  @McpTool({ ...base, name: 'whole' })
  whole(): object {
    return { content: [{ type: 'text', text: 'upstream failed' }], isError: true, resultType: 'complete' };
  }

  @McpTool({
    ...base,
    name: 'alternatives',
    input: z.object({ when: z.union([z.iso.date(), z.object({ days: z.int() })]) }),
  })
  alternatives(): string {
    return 'ok';
  }

  @McpTool({ ...base, name: 'half', input: z.object({ how: z.string() }) })
  async half({ how }: { how: string }, context: CallContext): Promise<unknown> {
    const text = `all good ${HALF}`;
    await context.progress(1, 2, text);
    if (how === 'error') throw new ToolError(text);
    return how === 'object' ? { [text]: text } : text;
  }

  @McpTool({ ...base, name: 'dumped' })
  dumped(): object {
    const content = [{ type: 'text', text: 'disk full', annotations: null, meta: null }];
    return { meta: null, content, isError: true, structuredContent: null };
  }

  @McpTool({ ...base, name: 'lengthy' })
  lengthy(): string {
    throw new ToolError('x'.repeat(10_000_000));
  }
}

@Injectable()
class Resources {
  @McpResource({
    uri: 'broken://{id}',
    name: 'broken',
    scopes: 'authenticated',
    list: 'fail',
    complete: { id: 'fail' },
  })
  broken({ id }: { id: string }): string {
    return id;
  }

  fail(): never {
    throw new Error('the wiki is down');
  }

  @McpResource({
    uri: 'fine://{id}',
    name: 'fine',
    scopes: 'authenticated',
    list: 'listed',
    complete: { id: 'mixed' },
  })
  fine({ id }: { id: string }): string {
    return `${id} ${HALF}`;
  }

  listed(): { uri: string }[] {
    const entries = [{ uri: 'fine://1', title: HALF, description: null }, { title: 'no uri' }, null];
    return entries as { uri: string }[];
  }

  mixed(): string[] {
    return ['one', null, 2] as string[];
  }

  @McpResource({ uri: 'dumped://it', name: 'dumped', scopes: 'authenticated' })
  dumped(): object {
    return { meta: null, contents: [{ uri: 'dumped://it', mimeType: null, text: 'x', _meta: null }] };
  }

  @McpPrompt({ name: 'dumped_prompt', scopes: 'authenticated' })
  dumpedPrompt() {
    const content = { type: 'text', text: 'x', annotations: null };
    return { meta: null, description: null, messages: [{ role: 'user', content }] };
  }

  @McpResource({ uri: 'bad://request', name: 'bad', scopes: 'authenticated' })
  bad(): string {
    throw new BadRequestException({ message: ['bad id', 'bad page'] });
  }

  @McpResource({ uri: 'gone://it', name: 'gone', scopes: 'authenticated' })
  gone(): string {
    throw new NotFoundException('No such row in table secrets.');
  }

  @McpResource({ uri: 'json://set', name: 'set', scopes: 'authenticated' })
  set(): object {
    return { ids: new Set([1]) };
  }

  @McpPrompt({ name: 'bad_prompt', scopes: 'authenticated' })
  prompt(): string {
    throw new BadRequestException(['bad topic']);
  }

  @McpPrompt({ name: 'half_prompt', scopes: 'authenticated' })
  halfPrompt(): string {
    return HALF;
  }
}

@Module({ providers: [Tools, Resources] })
class Faithful {}

interface Answer {
  readonly result: Record<string, unknown> & {
    readonly content: { readonly text: string }[];
    readonly isError?: boolean;
    readonly structuredContent?: unknown;
    readonly resources: { readonly uri: string }[];
  };
  readonly error?: { readonly code: number; readonly message: string };
}

describe('faithful results', () => {
  let aerie: Aerie;
  let token: string;
  beforeAll(async () => {
    aerie = await startAerie({ modules: [Faithful], environment: { RESULT_LIMIT: '64kb' } });
    token = await aerie.token();
  });
  afterAll(() => aerie.close());

  describe.each(ERAS)('in the era of %s', (era, send) => {
    const textOf = async (method: string, params: Record<string, unknown>): Promise<string> => {
      const uri = params['uri'];
      const headers: Record<string, string> =
        typeof uri === 'string' && era === MODERN ? { 'mcp-name': uri } : {};
      return (await send(aerie.url, token, { method, params }, headers)).text();
    };
    const ask = async (method: string, params: Record<string, unknown> = {}): Promise<Answer> =>
      JSON.parse(await textOf(method, params)) as Answer;
    const call = async (name: string, args: object = {}): Promise<Answer['result']> =>
      (await ask('tools/call', { name, arguments: args })).result;

    it('writes text from the validated value', async () => {
      const { content, structuredContent } = await call('leaks');
      expect(content).toEqual([{ type: 'text', text: '{"id":1}' }]);
      expect(structuredContent).toEqual({ id: 1 });
    });

    it('passes on every message of an HttpException', async () => {
      const { isError, content } = await call('validates');
      expect(isError).toBe(true);
      expect(content[0]?.text).toBe('name must be a string\nage must not be less than 18');
    });

    it('says what cannot be sent as JSON, and where', async () => {
      const { isError, content } = await call('map');
      expect(isError).toBe(true);
      expect(content[0]?.text).toMatch(/cannot be sent as JSON\. "stock" is a collection \(Map\)/);
      const id = /[0-9a-f-]{36}$/.exec(content[0]?.text ?? '')?.[0] ?? 'none';
      expect(aerie.logs.find((line) => line.includes(id))).toContain('is a collection (Map)');
      expect((await ask('resources/read', { uri: 'json://set' })).error?.message).toMatch(
        /\\?"ids\\?" is a collection/,
      );
    });

    it('keeps a whole result that has members we do not know', async () => {
      const { isError, content, structuredContent } = await call('whole');
      expect([isError, content, structuredContent]).toEqual([
        true,
        [{ type: 'text', text: 'upstream failed' }],
        undefined,
      ]);
    });

    it('keeps a whole result that another language wrote with null for absent members', async () => {
      expect(await call('dumped')).toMatchObject({
        isError: true,
        content: [{ type: 'text', text: 'disk full' }],
      });
    });

    it('names each alternative of an argument', async () => {
      const { content } = await call('alternatives', { when: 5 });
      expect(content[0]?.text).toMatch(/when: .*\(1\) .*string.*\(2\) .*object/);
    });

    it.each<[string, string, Record<string, unknown>]>([
      ['text', 'tools/call', { name: 'half', arguments: { how: 'text' } }],
      ['an object', 'tools/call', { name: 'half', arguments: { how: 'object' } }],
      ['an error', 'tools/call', { name: 'half', arguments: { how: 'error' } }],
      ['a resource', 'resources/read', { uri: 'fine://1' }],
      ['a prompt', 'prompts/get', { name: 'half_prompt' }],
      ['a list entry', 'resources/list', {}],
    ])('replaces lone surrogates in %s', async (_what, method, params) => {
      const text = await textOf(method, params);
      expect(text).toContain('\uFFFD');
      expect(text).not.toMatch(/\\ud8/);
    });

    it('replaces lone surrogates in notifications', async () => {
      const progress = { progressToken: 1 };
      const meta = era === MODERN ? { ...MODERN_ENVELOPE, ...progress } : progress;
      const params = { name: 'half', arguments: { how: 'text' }, _meta: meta };
      const response = await post(
        aerie.url,
        token,
        message({ method: 'tools/call', params }),
        era === MODERN
          ? { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/call', 'mcp-name': 'half' }
          : { 'mcp-protocol-version': '2025-11-25' },
      );
      const text = await response.text();
      expect(text).toContain('notifications/progress');
      expect(text.split('\uFFFD')).toHaveLength(3);
      expect(text).not.toMatch(/\\ud8/);
    });

    it('cuts an error that is longer than RESULT_LIMIT', async () => {
      const { isError, content } = await call('lengthy');
      expect(isError).toBe(true);
      expect(content[0]?.text).toHaveLength(65_536);
      expect(content[0]?.text).toMatch(
        /x \[Cut from 10000000 characters: the limit per request is 65536\.\]$/,
      );
    });

    it('lists the other resources when one list method fails, and logs why', async () => {
      const { result } = await ask('resources/list');
      expect(result.resources.map(({ uri }) => uri)).toContain('fine://1');
      expect(aerie.logs.some((line) => line.includes('the wiki is down'))).toBe(true);
    });

    it('lists the valid entries of a list method, and logs that there are others', async () => {
      const { result } = await ask('resources/list');
      const listed = result.resources.filter(({ uri }) => uri.startsWith('fine'));
      expect(listed).toEqual([{ uri: 'fine://1', name: 'fine', title: '\uFFFD' }]);
      expect(aerie.logs.some((line) => line.includes('fine://{id} returned 2 invalid resources'))).toBe(true);
    });

    it('proposes the texts among the values of a completion, and logs that there are others', async () => {
      const { result } = await ask('completion/complete', {
        ref: { type: 'ref/resource', uri: 'fine://{id}' },
        argument: { name: 'id', value: '' },
      });
      expect(result['completion']).toMatchObject({ values: ['one'], total: 1 });
      expect(aerie.logs.some((line) => line.includes('of fine returned 2 values'))).toBe(true);
    });

    it('accepts whole contents and prompts with null for absent members', async () => {
      const read = await ask('resources/read', { uri: 'dumped://it' });
      expect(read.result).toMatchObject({ contents: [{ uri: 'dumped://it', text: 'x' }] });
      const prompt = await ask('prompts/get', { name: 'dumped_prompt' });
      expect(prompt.result).toMatchObject({ messages: [{ content: { type: 'text', text: 'x' } }] });
      expect(JSON.stringify([read, prompt])).not.toContain('null');
    });

    it('proposes nothing when a completion fails', async () => {
      const { result } = await ask('completion/complete', {
        ref: { type: 'ref/resource', uri: 'broken://{id}' },
        argument: { name: 'id', value: '' },
      });
      expect(result['completion']).toMatchObject({ values: [], total: 0, hasMore: false });
    });

    it.each<[string, string, Record<string, unknown>, string]>([
      ['a resource', 'resources/read', { uri: 'bad://request' }, 'bad id\nbad page'],
      ['a prompt', 'prompts/get', { name: 'bad_prompt' }, 'bad topic'],
    ])('takes a 4xx exception of %s for the caller’s fault', async (_what, method, params, text) => {
      expect((await ask(method, params)).error).toMatchObject({ code: -32602, message: text });
    });

    it('answers a 404 of a resource as it answers an unknown URI', async () => {
      const { error } = await ask('resources/read', { uri: 'gone://it' });
      const unknown = await ask('resources/read', { uri: 'nowhere://it' });
      expect(error).toEqual(JSON.parse(JSON.stringify(unknown.error).replaceAll('nowhere', 'gone')));
    });
  });

  it('shares RESULT_LIMIT among the errors of a batch, each of which stays readable', async () => {
    const calls = [1, 2, 3].map((id) => message(toolCall('lengthy', {}, id)));
    const answers = (await (await post(aerie.url, token, calls)).json()) as Answer[];
    const lengths = answers.map(({ result }) => result.content[0]?.text.length);
    expect(lengths).toEqual([65_536, 1_000, 1_000]);
  });

  it.each(CLIENTS)('gives the client %s results that it accepts', async (...client) => {
    const connected = await connectWithToken(client, aerie.url, token);
    try {
      await connected.listTools();
      expect(await connected.callTool({ name: 'leaks', arguments: {} })).toMatchObject({
        content: [{ type: 'text', text: '{"id":1}' }],
        structuredContent: { id: 1 },
      });
      expect(await connected.callTool({ name: 'whole', arguments: {} })).toMatchObject({ isError: true });
      expect(await connected.callTool({ name: 'half', arguments: { how: 'text' } })).toMatchObject({
        content: [{ text: 'all good \uFFFD' }],
      });
    } finally {
      await connected.close();
    }
  });

  it('replaces lone surrogates on a session', async () => {
    const other = await startAerie({ modules: [Faithful], environment: { SESSIONS: 'true' } });
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'legacy' } });
    try {
      const headers = { authorization: `Bearer ${await other.token()}` };
      await client.connect(
        new StreamableHTTPClientTransport(new URL(other.url), { requestInit: { headers } }),
      );
      const told: (string | undefined)[] = [];
      const result = await client.callTool(
        { name: 'half', arguments: { how: 'text' } },
        { onprogress: ({ message: text }) => void told.push(text) },
      );
      expect(result.content).toEqual([{ type: 'text', text: 'all good \uFFFD' }]);
      expect(told).toEqual(['all good \uFFFD']);
    } finally {
      await client.close();
      await other.close();
    }
  });

  it('reports the other health indicators when one fails, and logs why', async () => {
    const indicator = aerie.application.get(DatabaseIndicator, { strict: false });
    const check = indicator.check.bind(indicator);
    indicator.check = () => {
      throw new Error('the probe is broken');
    };
    try {
      const response = await fetch(`${aerie.origin}/health/ready`);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({
        status: 'degraded',
        details: { database: { status: 'degraded', failed: true }, instance: { status: 'up' } },
      });
      expect(aerie.logs.some((line) => line.includes('the probe is broken'))).toBe(true);
    } finally {
      indicator.check = check;
    }
  });
});
