import { Injectable, Module } from '@nestjs/common';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';

import {
  type CallContext,
  fromJsonSchema,
  LiveCatalog,
  McpPrompt,
  McpResource,
  McpTool,
  Principal,
  ToolError,
} from '../src/mcp/index.js';
import { DiceTools } from './examples/dice.js';
import { ReviewPrompts } from './examples/prompts.js';
import { ReportResources } from './examples/resources.js';
import { AreaTools } from './examples/tools.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { CLIENTS, connectWithToken } from './support/clients.js';
import { ERAS, message, MODERN, post, postLegacy, postModern } from './support/rpc.js';

const PIXEL = Buffer.from('iVBORw0KGgo=', 'base64');

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
  greeting(_input: object, { principal }: CallContext): object {
    return {
      messages: [
        { role: 'assistant', content: { type: 'text', text: `Hello ${principal.subject.slice(0, 4)}` } },
      ],
    };
  }

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

@Module({ providers: [Resources, Prompts, Tools, ReportResources, ReviewPrompts, AreaTools, DiceTools] })
class Offers {}

interface Listed {
  readonly name: string;
  readonly uri: string;
  readonly outputSchema?: object;
}

/** Union of the results of all methods in this file. */
interface Result {
  readonly resources: Listed[];
  readonly resourceTemplates: Listed[];
  readonly tools: Listed[];
  readonly prompts: Listed[];
  readonly contents: { readonly text: string }[];
  readonly content: { readonly text: string }[];
  readonly messages: object[];
  readonly structuredContent?: object;
  readonly completion: { readonly values: string[] };
}

interface Reply {
  readonly status: number;
  readonly result: Result;
  readonly error: { readonly code: number; readonly message: string } | undefined;
  readonly asked: string | undefined;
}

describe('what is on offer', () => {
  let aerie: Aerie;
  beforeAll(async () => {
    aerie = await startAerie({
      modules: [Offers],
      environment: {
        SERVER_NAME: 'acme-tools',
        SERVER_TITLE: 'Acme',
        SERVER_VERSION: '7.0.0',
        SERVER_ICONS: 'https://acme.example.com/icon.png',
        SERVER_INSTRUCTIONS: 'Ask for the area first.',
      },
      issuer: { scopes: () => ['org:read', 'usr:read', 'admin', 'vault:open', 'mail:send'] },
    });
  });
  afterAll(() => aerie.close());

  describe.each(ERAS)('in the era of %s', (era, send) => {
    const ask = async (
      method: string,
      params: Record<string, unknown> = {},
      scope = 'org:read',
    ): Promise<Reply> => {
      const token = await aerie.token({ claims: { scope, scopes: undefined } });
      const uri = params['uri'];
      const headers: Record<string, string> =
        typeof uri === 'string' && era === MODERN ? { 'mcp-name': uri } : {};
      const response = await send(aerie.url, token, { method, params }, headers);
      const body = (await response.json()) as Reply;
      return {
        status: response.status,
        result: body.result,
        error: body.error,
        asked: /scope="([^"]*)"/.exec(response.headers.get('www-authenticate') ?? '')?.[1],
      };
    };

    it('lists fixed and template resources, sorted', async () => {
      const { result } = await ask('resources/list');
      const uris = result.resources.map(({ uri }) => uri);
      expect(uris).toEqual([...uris].toSorted());
      expect(uris).toEqual(
        expect.arrayContaining(['file://docs/a', 'file://docs/b', 'found://it', 'info://about']),
      );
      expect(result.resources).toContainEqual({
        uri: 'info://about',
        name: 'about',
        title: 'About',
        size: 5,
      });
      const { result: stranger } = await ask('resources/list', {}, '');
      expect(JSON.stringify(stranger)).not.toContain('file://docs');
    });

    it('lists templates', async () => {
      const { result } = await ask('resources/templates/list');
      expect(result.resourceTemplates).toContainEqual({
        uriTemplate: 'report://{year}',
        name: 'report',
        description: 'The report of a year.',
        mimeType: 'text/markdown',
      });
      expect(JSON.stringify(result)).not.toContain('vault');
    });

    it.each([
      [
        'text, for its caller',
        'info://about',
        [{ uri: 'info://about', mimeType: 'text/plain', text: 'for usr_' }],
      ],
      [
        'bytes',
        'img://pixel',
        [{ uri: 'img://pixel', mimeType: 'image/png', blob: PIXEL.toString('base64') }],
      ],
      [
        'whole contents',
        'data://whole',
        [
          { uri: 'data://part', text: 'one' },
          { uri: 'data://other', text: 'two' },
        ],
      ],
      ['JSON', 'data://json', [{ uri: 'data://json', mimeType: 'application/json', text: '{"a":1}' }]],
      [
        'a template',
        'report://2026',
        [{ uri: 'report://2026', mimeType: 'text/markdown', text: '# Report of 2026' }],
      ],
      [
        'encoded variables',
        'file://a%20b/c%26d',
        [{ uri: 'file://a%20b/c%26d', mimeType: 'text/plain', text: 'a b:c&d' }],
      ],
    ])('reads %s', async (_what, uri, contents) => {
      expect((await ask('resources/read', { uri })).result.contents).toEqual(contents);
    });

    it.each([
      ['nothing is there', 'info://nothing', /not found/i],
      ['its method says so', 'file://docs/missing', /There is no file missing/],
      ['its URI is badly encoded', 'file://docs/%E0%A4%A', /not found/i],
      ['a variable hides a slash', 'file://docs/c%2Fd', /not found/i],
      ['a variable climbs out of its folder', 'file://docs/%2E%2E', /not found/i],
    ])('says that %s', async (_what, uri, text) => {
      const { error } = await ask('resources/read', { uri });
      const isUnknown = era === '2025-11-25' && /not found/.test(error?.message ?? '');
      const code = isUnknown ? -32002 : -32602;
      expect(error).toMatchObject({ code, message: expect.stringMatching(text) });
    });

    it('hides the cause of a failed resource', async () => {
      const { error } = await ask('resources/read', { uri: 'file://docs/broken' });
      expect(error).toMatchObject({
        code: -32603,
        message: expect.stringMatching(/The resource failed.*Correlation id/),
      });
      expect(JSON.stringify(error)).not.toContain('secret detail');
    });

    it('challenges, hides and shows resources like tools', async () => {
      expect(await ask('resources/read', { uri: 'file://docs/a' }, '')).toMatchObject({
        status: 403,
        asked: 'org:read',
      });
      expect(await ask('resources/read', { uri: 'found://it' })).toMatchObject({
        status: 403,
        asked: era === '2026-07-28' ? 'mail:send' : 'mail:send org:read',
      });
      const secret = await ask('resources/read', { uri: 'vault://key' });
      const unknown = await ask('resources/read', { uri: 'nowhere://key' });
      expect([secret.status, secret.error?.code]).toEqual([unknown.status, unknown.error?.code]);
      expect(secret.error?.message.replace('vault', '')).toBe(unknown.error?.message.replace('nowhere', ''));
      // A secret resource among others of a template is to strangers what the template makes of its URI.
      const among = { uri: 'file://docs/hidden' };
      expect(await ask('resources/read', among, '')).toMatchObject({ status: 403, asked: 'org:read' });
      expect((await ask('resources/read', among)).result.contents[0]?.text).toBe('docs:hidden');
      expect((await ask('resources/read', among, 'vault:open')).result.contents[0]?.text).toBe('hidden');
      expect(
        (await ask('resources/read', { uri: 'vault://key' }, 'vault:open')).result.contents[0]?.text,
      ).toBe('key');
    });

    it('completes variables and arguments with at most 100 values', async () => {
      const template = { ref: { type: 'ref/resource', uri: 'file://{folder}/{name}' } };
      const { result } = await ask('completion/complete', {
        ...template,
        argument: { name: 'folder', value: 'x' },
        context: { arguments: { name: 'n' } },
      });
      expect(result.completion).toMatchObject({ total: 150, hasMore: true });
      expect(result.completion.values.slice(0, 2)).toEqual(['xn0', 'xn1']);
      expect(result.completion.values).toHaveLength(100);
      const other = await ask('completion/complete', { ...template, argument: { name: 'name', value: 'x' } });
      expect(other.result.completion.values).toEqual([]);
      const language = await ask('completion/complete', {
        ref: { type: 'ref/prompt', name: 'review' },
        argument: { name: 'language', value: 'ty' },
      });
      expect(language.result.completion.values).toEqual(['typescript']);
      const stranger = await ask(
        'completion/complete',
        { ...template, argument: { name: 'folder', value: '' } },
        '',
      );
      expect(stranger).toMatchObject({ status: 403, asked: 'org:read' });
      const nothing = await ask('completion/complete', {
        ref: { type: 'ref/prompt', name: 'no_such' },
        argument: { name: 'a', value: '' },
      });
      expect(nothing.error?.code).toBe(-32602);
    });

    it('lists prompts with their arguments for callers with their scopes', async () => {
      const { result } = await ask('prompts/list');
      expect(result.prompts).toEqual([
        { name: 'greeting', title: 'Greeting', description: 'Greets.' },
        { name: 'nothing' },
        {
          name: 'review',
          description: 'Reviews a piece of code.',
          arguments: [
            { name: 'language', required: true },
            { name: 'code', required: true },
          ],
        },
      ]);
    });

    it('returns prompts', async () => {
      const review = await ask('prompts/get', { name: 'review', arguments: { language: 'C', code: 'x' } });
      expect(review.result).toMatchObject({
        description: 'Reviews a piece of code.',
        messages: [{ role: 'user', content: { type: 'text', text: 'Review this C code:\n\nx' } }],
      });
      const greeting = await ask('prompts/get', { name: 'greeting' });
      expect(greeting.result.messages[0]).toMatchObject({
        role: 'assistant',
        content: { text: 'Hello usr_' },
      });
    });

    it('reports the error of a prompt', async () => {
      const incomplete = await ask('prompts/get', { name: 'review', arguments: { language: 'C' } });
      expect(incomplete.error).toMatchObject({ code: -32602, message: expect.stringMatching(/code: /) });
      expect((await ask('prompts/get', { name: 'no_such' })).error?.code).toBe(-32602);
      expect((await ask('prompts/get', { name: 'nothing' })).error?.code).toBe(-32603);
      const asked = era === '2026-07-28' ? 'admin' : 'admin org:read';
      expect(await ask('prompts/get', { name: 'admins' })).toMatchObject({ status: 403, asked });
    });

    it('validates arguments against a JSON Schema', async () => {
      const rolled = await ask('tools/call', { name: 'roll_dice', arguments: { count: 1 } });
      expect(rolled.result.content[0]?.text).toMatch(/^[1-6]$/);
      const refused = await ask('tools/call', { name: 'roll_dice', arguments: { count: 1.5 } });
      expect(refused.result.content[0]?.text).toContain('data/count must be integer');
    });

    it('publishes an output schema and validates results with it', async () => {
      const { result } = await ask('tools/list');
      const area = result.tools.find(({ name }) => name === 'area');
      expect(area?.outputSchema).toMatchObject({ type: 'object', required: ['area'] });
      const called = await ask('tools/call', { name: 'area', arguments: { width: 2, height: 3 } });
      expect(called.result).toMatchObject({
        structuredContent: { area: 6 },
        content: [{ text: '{"area":6}' }],
      });
      const lying = await ask('tools/call', { name: 'lying', arguments: {} });
      expect(lying.result).toMatchObject({ isError: true });
      expect(lying.result.content[0]?.text).toMatch(/failed unexpectedly/);
      expect(lying.result.structuredContent).toBeUndefined();
      expect((await ask('tools/call', { name: 'failing', arguments: {} })).result).toMatchObject({
        isError: true,
      });
    });

    it('publishes a JSON Schema unchanged and validates with it', async () => {
      const { result } = await ask('tools/list');
      expect(result.tools.find(({ name }) => name === 'by_json_schema')).toMatchObject({
        inputSchema: { properties: { count: { type: 'integer', minimum: 1 } }, additionalProperties: false },
        icons: [{ src: 'https://example.com/icon.png', sizes: ['48x48'] }],
        _meta: { 'example.com/kind': 'counter' },
      });
      expect(
        (await ask('tools/call', { name: 'by_json_schema', arguments: { count: 1 } })).result,
      ).toMatchObject({
        content: [{ text: '2' }],
      });
      expect(
        (await ask('tools/call', { name: 'by_json_schema', arguments: { count: 0 } })).result,
      ).toMatchObject({
        isError: true,
      });
    });

    it.each(['by_valibot', 'by_arktype'])(
      'publishes the schemas of %s and validates with them',
      async (name) => {
        const { result } = await ask('tools/list');
        expect(result.tools.find((tool) => tool.name === name)).toMatchObject({
          inputSchema: {
            type: 'object',
            properties: { name: { type: 'string', minLength: 2 } },
            required: ['name'],
          },
          outputSchema: { properties: { length: { type: 'number' } } },
        });
        const call = async (text: string): Promise<unknown> =>
          (await ask('tools/call', { name, arguments: { name: text } })).result;
        expect(await call('Ada')).toMatchObject({ structuredContent: { length: 3 } });
        expect(await call('A')).toMatchObject({
          isError: true,
          content: [{ text: expect.stringMatching(/name: /) }],
        });
      },
    );

    it('rejects an invalid cursor', async () => {
      for (const method of ['tools/list', 'resources/list', 'resources/templates/list', 'prompts/list']) {
        expect((await ask(method, { cursor: 'bm9uZQ' })).error?.code).toBe(-32602);
      }
    });
  });

  describe('arguments that are repeated in headers (MCP 2026-07-28)', () => {
    const call = async (
      args: object,
      headers: Record<string, string>,
      send = postModern,
    ): Promise<Response> => {
      const params = { name: 'routed', arguments: args };
      return send(aerie.url, await aerie.token(), { method: 'tools/call', params }, headers);
    };

    it.each([
      ['the same', { region: 'eu', shard: 7 }, { 'Mcp-Param-Region': 'eu', 'Mcp-Param-Shard': '7' }],
      [
        'encoded',
        { region: 'é' },
        { 'Mcp-Param-Region': `=?base64?${Buffer.from('é').toString('base64')}?=` },
      ],
    ])('are taken when they are %s', async (_what, args, headers) => {
      expect((await call(args, headers)).status).toBe(200);
    });

    it.each([
      ['another value', { region: 'eu' }, { 'Mcp-Param-Region': 'us' }],
      ['none', { region: 'eu' }, {}],
      ['another number', { region: 'eu', shard: 7 }, { 'Mcp-Param-Region': 'eu', 'Mcp-Param-Shard': '8' }],
      ['badly encoded', { region: 'eu' }, { 'Mcp-Param-Region': '=?base64?!?=' }],
    ])('are refused with %s', async (_what, args, headers) => {
      const response = await call(args, headers);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ id: 1, error: { code: -32020 } });
    });

    it('are ignored by the 2025 revisions', async () => {
      expect((await call({ region: 'eu' }, {}, postLegacy)).status).toBe(200);
    });
  });

  it('marks lists as private, with a cache lifetime', async () => {
    const response = await postModern(aerie.url, await aerie.token(), { method: 'tools/list' });
    // A token with more scopes sees more tools: prompts here need none.
    expect(await response.json()).toMatchObject({ result: { ttlMs: 0, cacheScope: 'private' } });
    const prompts = await postModern(aerie.url, await aerie.token(), { method: 'prompts/list' });
    expect(await prompts.json()).toMatchObject({ result: { ttlMs: expect.any(Number) } });
    const headers = { 'mcp-name': 'img://pixel' };
    const read = await postModern(
      aerie.url,
      await aerie.token(),
      { method: 'resources/read', params: { uri: 'img://pixel' } },
      headers,
    );
    expect(await read.json()).toMatchObject({ result: { ttlMs: 1000, cacheScope: 'public' } });
  });

  it('returns the server’s name, version and instructions', async () => {
    const token = await aerie.token();
    const initialize = await post(
      aerie.url,
      token,
      message({
        method: 'initialize',
        params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
      }),
    );
    expect(await initialize.json()).toMatchObject({
      result: {
        serverInfo: {
          name: 'acme-tools',
          title: 'Acme',
          version: '7.0.0',
          icons: [{ src: 'https://acme.example.com/icon.png' }],
        },
        instructions: 'Ask for the area first.',
      },
    });
  });

  it.each(CLIENTS)('the official client, %s, reads, completes and prompts', async (...client) => {
    const connected = (await connectWithToken(client, aerie.url, await aerie.token())) as unknown as {
      readResource(p: object): Promise<{ contents: { text: string }[] }>;
      getPrompt(p: object): Promise<{ messages: object[] }>;
      complete(p: object): Promise<{ completion: { values: string[] } }>;
      callTool(p: object): Promise<object>;
      listTools(): Promise<{ tools: object[] }>;
      close(): Promise<void>;
    };
    try {
      expect((await connected.readResource({ uri: 'report://2025' })).contents[0]?.text).toBe(
        '# Report of 2025',
      );
      expect((await connected.getPrompt({ name: 'greeting' })).messages).toHaveLength(1);
      const ref = { type: 'ref/prompt', name: 'review' };
      const { completion } = await connected.complete({ ref, argument: { name: 'language', value: 'p' } });
      expect(completion.values).toEqual(['python']);
      await connected.listTools();
      expect(await connected.callTool({ name: 'area', arguments: { width: 2, height: 2 } })).toMatchObject({
        structuredContent: { area: 4 },
      });
    } finally {
      await connected.close();
    }
  });

  it('adds and removes offers at runtime, subject to their scopes', async () => {
    const live = aerie.application.get(LiveCatalog);
    const list = async (method: string): Promise<string> =>
      (await post(aerie.url, await aerie.token(), message({ method }))).text();
    const removals = [
      live.addTool({ name: 'late_tool', description: 'Late.', scopes: 'authenticated' }, () => 'late'),
      live.addTool({ name: 'late_secret', description: 'Late.', scopes: ['late:scope'] }, () => 'late'),
      live.addResource(
        { uri: 'late://{x}', name: 'late', scopes: 'authenticated' },
        ({ x }) => `late ${String(x)}`,
      ),
      live.addPrompt({ name: 'late_prompt', scopes: 'authenticated' }, () => 'late'),
    ];
    expect(await list('tools/list')).toContain('late_tool');
    expect(await list('tools/list')).not.toContain('late_secret');
    expect(await list('resources/templates/list')).toContain('late://{x}');
    expect(await list('prompts/list')).toContain('late_prompt');
    const metadata = await fetch(`${aerie.origin}/.well-known/oauth-protected-resource/mcp`);
    expect(await metadata.text()).toContain('late:scope');
    const read = await post(
      aerie.url,
      await aerie.token(),
      message({ method: 'resources/read', params: { uri: 'late://1' } }),
    );
    expect(await read.text()).toContain('late 1');
    expect(() =>
      live.addTool({ name: 'late_tool', description: 'Again.', scopes: 'authenticated' }, () => ''),
    ).toThrow(/tool name "late_tool" is already used/);
    expect(() => live.addTool({ name: 'no scopes', description: '' }, () => '')).toThrow(/3 problems/);
    removals.forEach((remove) => remove());
    expect(await list('tools/list')).not.toContain('late_tool');
    expect(await list('resources/templates/list')).not.toContain('late://');
    expect(await list('prompts/list')).not.toContain('late_prompt');
  });
});

describe('the start', () => {
  const failureWith = async (provider: new () => object): Promise<string> => {
    @Module({ providers: [provider] })
    class Faulty {}
    try {
      await (await startAerie({ modules: [Faulty] })).close();
    } catch (error) {
      return String(error);
    }
    throw new Error('The start succeeded.');
  };

  @Injectable()
  class WrongResources {
    @McpResource({ uri: 'no-scheme', name: 'a', scopes: 'authenticated' })
    noScheme(): string {
      return '';
    }

    @McpResource({ uri: 'same://one', name: 'b', scopes: 'authenticated' })
    one(): string {
      return '';
    }

    @McpResource({ uri: 'same://one', name: 'b' })
    two(): string {
      return '';
    }

    // @ts-expect-error the class has no such method
    @McpResource({ uri: 'list://{x}', name: 'c', scopes: 'authenticated', list: 'nowhere' })
    list({ x }: { x: string }): string {
      return x;
    }

    // @ts-expect-error the template has no such variable
    @McpResource({ uri: 'complete://{x}', name: 'd', scopes: 'authenticated', complete: { y: 'values' } })
    complete({ x }: { x: string }): string {
      return x;
    }

    values(): string[] {
      return [];
    }

    // @ts-expect-error the template has another variable
    @McpResource({ uri: 'variable://{x}', name: 'e', scopes: 'authenticated' })
    variable({ z: value }: { z: string }): string {
      return value;
    }

    // @ts-expect-error a URI may leave the variable out
    @McpResource({ uri: 'optional://{x}{?y,z}', name: 'f', scopes: 'authenticated' })
    optional({ z: value }: { z: string }): string {
      return value;
    }
  }

  @Injectable()
  class WrongPrompts {
    @McpPrompt({ name: 'p', arguments: z.object({ count: z.number() }), scopes: 'authenticated' })
    count({ count }: { count: number }): string {
      return String(count);
    }

    @McpPrompt({
      name: 'q',
      arguments: z.object({ a: z.string() }),
      // @ts-expect-error there is no such argument
      complete: { b: 'values' },
      scopes: 'authenticated',
    })
    q({ a }: { a: string }): string {
      return a;
    }

    values(): string[] {
      return [];
    }
  }

  @Injectable()
  class WrongHeaders {
    @McpTool({
      name: 'h1',
      description: 'Wrong headers.',
      input: z.object({
        a: z.string().meta({ 'x-mcp-header': 'Same' }),
        b: z.string().meta({ 'x-mcp-header': 'same' }),
        c: z.number().meta({ 'x-mcp-header': 'Number' }),
        d: z.string().meta({ 'x-mcp-header': 'no token' }),
      }),
      scopes: 'authenticated',
    })
    wrong(): string {
      return '';
    }

    @McpTool({
      name: 'h2',
      description: 'A header elsewhere.',
      input: z.object({ list: z.array(z.string().meta({ 'x-mcp-header': 'Item' })) }),
      scopes: 'authenticated',
    })
    elsewhere(): string {
      return '';
    }
  }

  it('rejects each invalid resource with the reason', async () => {
    const failure = await failureWith(WrongResources);
    expect(failure).toMatch(/noScheme: its uri "no-scheme" has no scheme/);
    expect(failure).toMatch(/two: it does not declare its scopes/);
    expect(failure).toMatch(/two: its resource name "b" is already used by WrongResources\.one/);
    expect(failure).toMatch(/two: its uri "same:\/\/one" is already used by WrongResources\.one/);
    expect(failure).toMatch(/list: it names the method nowhere, which its class does not have/);
    expect(failure).toMatch(/complete: it completes "y", which is not a variable of complete:\/\/\{x\}/);
  });

  it('rejects invalid prompts', async () => {
    const failure = await failureWith(WrongPrompts);
    expect(failure).toMatch(/count: its argument "count" is of type "number", but prompts take only strings/);
    expect(failure).toMatch(/q: it completes "b", which is not one of its arguments/);
  });

  it('rejects headers that the specification does not allow', async () => {
    const failure = await failureWith(WrongHeaders);
    expect(failure).toMatch(/x-mcp-header "same" is used twice/);
    expect(failure).toMatch(/x-mcp-header "Number" is not on a string, an integer or a boolean/);
    expect(failure).toMatch(/x-mcp-header "no token" is not a valid header name/);
    expect(failure).toMatch(/elsewhere: its x-mcp-header is not on a property/);
  });
});
