import { Module } from '@nestjs/common';
import { IsOptional, Length } from 'class-validator';

import { LiveCatalog, McpPrompt } from '../src/mcp/index.js';
import { asking } from './support/ask.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { CLIENTS, connectWithToken } from './support/clients.js';
import { OffersModule } from './support/offers.module.js';
import { ERAS, message, post, postLegacy, postModern } from './support/rpc.js';

class TopicDto {
  @IsOptional()
  @Length(2, 20)
  topic?: string;
}

class ClassPrompts {
  @McpPrompt({
    name: 'by_class',
    arguments: TopicDto,
    complete: { topic: 'topics' },
    scopes: 'authenticated',
  })
  byClass(input: TopicDto): string {
    return `${input instanceof TopicDto ? 'instance' : 'object'}: ${input.topic}`;
  }

  topics(): string[] {
    return ['tea'];
  }
}

@Module({ providers: [ClassPrompts] })
class ClassPromptsModule {}

describe('what is on offer', () => {
  let aerie: Aerie;
  beforeAll(async () => {
    aerie = await startAerie({
      modules: [OffersModule, ClassPromptsModule],
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

  describe.each(ERAS)('in the era of %s', (...era) => {
    const ask = asking(() => aerie, era);

    it('validates arguments against a JSON Schema', async () => {
      const rolled = await ask('tools/call', { name: 'roll_dice', arguments: { count: 1 } });
      expect(rolled.result.content[0]?.text).toMatch(/^[1-6]$/);
      const refused = await ask('tools/call', { name: 'roll_dice', arguments: { count: 1.5 } });
      expect(refused.result.content[0]?.text).toContain('- count: must be integer');
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
    // A token with more scopes sees more tools.
    expect(await response.json()).toMatchObject({ result: { ttlMs: 0, cacheScope: 'private' } });
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
      const line = { article: 'Tea', count: 2 };
      const invoice = { customer: 'ada@example.com', due: '2027-01-31', lines: [line, { article: 'Milk' }] };
      expect(await connected.callTool({ name: 'create_invoice', arguments: invoice })).toMatchObject({
        content: [{ text: '3 pieces for ada@example.com, due in 2027' }],
      });
      const faulty = { ...invoice, due: 'soon', lines: [{ ...line, count: 0 }] };
      expect(await connected.callTool({ name: 'create_invoice', arguments: faulty })).toMatchObject({
        isError: true,
        content: [
          {
            text: [
              'The arguments of create_invoice are invalid. Fix them and call again:',
              '- due: must be a date, such as 2027-01-31 or 2027-01-31T09:00:00Z',
              '- lines.0.count: must not be less than 1',
            ].join('\n'),
          },
        ],
      });
      const byClass = await connected.getPrompt({ name: 'by_class', arguments: { topic: 'tea' } });
      expect(byClass.messages).toMatchObject([{ content: { text: 'instance: tea' } }]);
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
      live.addResource({ uri: 'late://{x}', name: 'late', scopes: 'authenticated' }, ({ x }) => `late ${x}`),
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
    const big = { name: 'big', description: 'Big.', scopes: 'authenticated', _meta: { size: 1n } } as const;
    expect(() => live.addTool(big, () => '')).toThrow(
      /big: it cannot be written as JSON \(TypeError: .*BigInt/,
    );
    removals.forEach((remove) => remove());
    expect(await list('tools/list')).not.toContain('late_tool');
    expect(await list('resources/templates/list')).not.toContain('late://');
    expect(await list('prompts/list')).not.toContain('late_prompt');
  });
});
