import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';

import { AerieModule, fromEnvironment, LiveCatalog, type ObservedCall } from '../src/index.js';
import { AerieTest, type TestCaller } from '../src/testing/index.js';
import { CLIENTS } from './support/clients.js';
import { freePort } from './support/ports.js';
import {
  ERAS,
  message,
  MODERN,
  MODERN_ENVELOPE,
  post,
  postModern,
  resultIn,
  resultText,
  toolCall,
} from './support/rpc.js';
import { manyTools, SearchedTools } from './support/searched-tools.js';
import { until } from './support/until.js';

const SEARCH_TOOLS = ['call_tool', 'describe_tools', 'search_tools'];
const ORGANIZATIONS = ['org_acme', 'org_globex', 'org_initech', 'org_umbrella', 'org_hooli'];
const THINGS = 'invoice,order,parcel,ticket,lead,employee,project,alert,article,campaign'.split(',');

/** 1,000 tools: 200 for each organization, of which a quarter need a scope and some are secret. */
const DECLARATIONS = ORGANIZATIONS.flatMap((organization) =>
  Array.from({ length: 200 }, (_none, index) => {
    const thing = THINGS[index % THINGS.length] ?? '';
    return {
      name: `${organization}_${thing}_${index}`,
      group: organization,
      description: `Handles the ${thing} number ${index} of the company, with all that belongs to it.`,
      scopes: index % 4 === 0 ? ['more'] : ('authenticated' as const),
      ...(index % 8 === 0 && { visibility: 'secret' as const }),
      annotations: { readOnlyHint: true },
    };
  }),
);

describe('a client that searches tools', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aerie-search-'));
  const policy = join(folder, 'policy.json');
  const calls: Pick<ObservedCall, 'name' | 'input'>[] = [];
  const reasons: unknown[] = [];
  const lines: unknown[] = [];
  const write = (fields: object): void => void lines.push(fields);
  let aerie: AerieTest<NestExpressApplication>;

  beforeAll(async () => {
    const others = (organization: string): string[] =>
      ORGANIZATIONS.filter((other) => other !== organization);
    const rules = ORGANIZATIONS.map((organization) => [organization, { denyGroups: others(organization) }]);
    writeFileSync(
      policy,
      JSON.stringify({ ...Object.fromEntries(rules), '*': { denyGroups: ORGANIZATIONS } }),
    );
    const port = await freePort();
    aerie = await AerieTest.start(
      (common) => {
        const configuration = fromEnvironment({
          ...common,
          TOOL_SEARCH: 'always',
          TOOL_POLICY: policy,
          MCP_SESSIONS: 'on',
          RATE_LIMIT_CALLER: 'off',
          RATE_LIMIT_ORGANIZATION: 'off',
          RATE_LIMIT_TOOL: 'off',
        });
        @Module({
          imports: [
            AerieModule.forRoot(configuration, {
              log: { debug: write, info: write, warn: write, error: write },
              observers: [
                {
                  call: ({ name, input }) => {
                    calls.push({ name, input });
                    return { end: () => undefined };
                  },
                  request: () => ({
                    end: ({ reason, targets }) => void reasons.push({ reason, ...targets }),
                  }),
                },
              ],
            }),
          ],
          providers: [SearchedTools, manyTools(DECLARATIONS)],
        })
        class SearchedModule {}
        return NestFactory.create<NestExpressApplication>(SearchedModule, {
          logger: false,
          abortOnError: false,
        });
      },
      { port },
    );
  });
  afterAll(async () => {
    aerie.application.getHttpServer().closeAllConnections();
    await aerie.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    for (const seen of [calls, reasons, lines]) seen.length = 0;
  });

  const ALICE: TestCaller = { organization: 'org_other', scopes: ['billing:write'] };
  const POOR: TestCaller = { organization: 'org_other', scopes: [] };
  const indirect = (name: string, args?: unknown): ReturnType<typeof toolCall> =>
    toolCall('call_tool', { name, ...(args !== undefined && { arguments: args }) });
  const found = async (caller: TestCaller, query: string, limit?: number): Promise<string[]> => {
    const { structuredContent } = await aerie.as(caller).callTool('search_tools', { query, limit });
    return (structuredContent as { tools: { name: string }[] }).tools.map(({ name }) => name);
  };

  it.each(CLIENTS)(
    'finds, describes and calls a tool with the official client, %s',
    async (_name, attempt) => {
      const headers = { authorization: `Bearer ${await aerie.token(ALICE)}` };
      const client = await attempt(aerie.url, { requestInit: { headers } }).connect();
      try {
        const { tools } = await client.listTools();
        expect(tools.map(({ name }) => name)).toEqual(['about', ...SEARCH_TOOLS]);
        const search = { name: 'search_tools', arguments: { query: 'give a customer the money back' } };
        expect(await client.callTool(search)).toMatchObject({
          structuredContent: {
            tools: [
              {
                name: 'refund',
                group: 'billing',
                description: 'Returns a payment to the card of the customer.',
                arguments: 'payment, amount',
              },
            ],
          },
        });
        const describe = { name: 'describe_tools', arguments: { names: ['refund', 'no_such'] } };
        expect(await client.callTool(describe)).toMatchObject({
          structuredContent: {
            tools: [{ name: 'refund', inputSchema: { required: ['payment', 'amount'] } }],
            unknown: ['no_such'],
          },
        });
        const args = { name: 'refund', arguments: { payment: 'p1', amount: 5 } };
        expect(await client.callTool({ name: 'call_tool', arguments: args })).toMatchObject({
          structuredContent: { refunded: 5 },
        });
        expect(calls.at(-1)).toEqual({ name: 'refund', input: { payment: 'p1', amount: 5 } });
      } finally {
        await client.close();
      }
    },
  );

  it('costs a model less than 2,000 tokens for 1,000 tools', async () => {
    const list = await postModern(aerie.url, await aerie.token(ALICE), {
      method: 'tools/list',
    });
    const { tools } = await resultIn<{ tools: { name: string }[] }>(list);
    // Tokenizers need at least two characters of JSON and English for a token, usually four.
    expect(JSON.stringify(tools).length / 2).toBeLessThan(2_000);
  });

  it('gets a full list if its header says so, and calls tools by their names', async () => {
    const headers = { 'aerie-tool-search': 'off' };
    const lister = aerie.as(ALICE, { headers });
    const names = (await lister.listTools()).map(({ name }) => name);
    expect(names).toContain('refund');
    expect(names).not.toEqual(expect.arrayContaining(['search_tools']));
    await expect(lister.callTool('search_tools', { query: 'x' })).rejects.toThrow(
      /Unknown tool: search_tools/,
    );
    expect((await aerie.as(ALICE).callTool('numbers')).text).toBe('[1,2]');
  });

  it('searches within the groups that it names', async () => {
    const headers = { 'aerie-tool-groups': 'math' };
    const limited = aerie.as(ALICE, { headers });
    const { text } = await limited.callTool('search_tools', { query: 'payment numbers' });
    expect(JSON.parse(text)).toMatchObject({ tools: [{ name: 'numbers' }] });
    const call = { name: 'refund', arguments: { payment: 'p', amount: 1 } };
    reasons.length = 0;
    expect((await limited.callTool('call_tool', call)).text).toBe(
      'Unknown tool: refund. Find tools with search_tools.',
    );
    await until(() => reasons.length > 0);
    // Not hidden: nobody guesses names.
    expect(reasons).toContainEqual(expect.objectContaining({ reason: 'unknown_target', tool: 'refund' }));
  });

  describe.each(ERAS)('that calls a tool, in %s,', (era, send) => {
    const both = async (
      caller: TestCaller,
      name: string,
      args: object,
      headers = {},
    ): Promise<[Response, Response]> => {
      const token = await aerie.token(caller);
      return [
        await send(aerie.url, token, toolCall(name, args), headers),
        await send(aerie.url, token, indirect(name, args), headers),
      ];
    };

    it.each([
      ['invalid arguments', ALICE, 'refund', { amount: -1 }],
      ['a role that it lacks', ALICE, 'govern', {}],
      ['another organization', ALICE, 'org_acme_order_1', {}],
      ['a result that is not an object', ALICE, 'numbers', {}],
      ['a result', ALICE, 'refund', { payment: 'p1', amount: 2 }],
    ])('gets the same answer as for a direct call: %s', async (_what, caller, name, args) => {
      const [direct, viaSearch] = await both(caller, name, args);
      expect(viaSearch.status).toBe(direct.status);
      expect(await viaSearch.text()).toBe(await direct.text());
      expect(calls.map((call) => call.name)).toEqual([name, name]);
    });

    it('is asked for the scopes of that tool', async () => {
      const [direct, viaSearch] = await both(POOR, 'refund', { payment: 'p1', amount: 1 });
      expect(viaSearch.status).toBe(403);
      expect(viaSearch.headers.get('www-authenticate')).toContain('scope="billing:write"');
      expect(viaSearch.headers.get('www-authenticate')).toBe(direct.headers.get('www-authenticate'));
      expect(await viaSearch.text()).toBe(await direct.text());
      await until(() => reasons.length === 2);
      expect(reasons[1]).toMatchObject({ reason: 'insufficient_scope', tool: 'refund' });
    });

    it('pays from the budget of that tool', async () => {
      const caller = { ...POOR, subject: `spender of ${era}` };
      const token = await aerie.token(caller);
      expect(await resultText(await send(aerie.url, token, indirect('rare')))).toBe('rare');
      expect(await resultText(await send(aerie.url, token, toolCall('rare')))).toBe('rare');
      const refused = await send(aerie.url, token, indirect('rare'));
      expect(refused.status).toBe(429);
      expect(await refused.json()).toMatchObject({ error: { data: { limit: 'tool' } } });
    });

    it('learns nothing about hidden tools', async () => {
      const token = await aerie.token(ALICE);
      const answer = async (name: string): Promise<string> =>
        (await send(aerie.url, token, indirect(name))).text();
      expect((await answer('open_vault')).replace('open_vault', 'xxxx_xxxxx')).toBe(
        await answer('xxxx_xxxxx'),
      );
      await until(() => reasons.length === 2);
      expect(reasons).toEqual([
        expect.objectContaining({ reason: 'hidden_target', tool: 'open_vault' }),
        expect.objectContaining({ reason: 'unknown_target' }),
      ]);
    });

    it.each([
      [
        'itself',
        { name: 'call_tool', arguments: { name: 'refund' } },
        /cannot call call_tool\. Call call_tool/,
      ],
      ['a search', { name: 'search_tools', arguments: { query: 'x' } }, /cannot call search_tools/],
      ['no name', { arguments: {} }, /The arguments of call_tool are invalid.*name/s],
      ['arguments that are a text', { name: 'refund', arguments: '{"amount":1}' }, /arguments: .*record/],
      ['a strange name', { name: 'ü/\n' }, /Unknown tool: ü/],
    ])('is told what is wrong: %s', async (_what, args, expected) => {
      const response = await send(aerie.url, await aerie.token(ALICE), toolCall('call_tool', args));
      const result = await resultIn<{ isError: boolean; content: { text: string }[] }>(response);
      expect(result.isError).toBe(true);
      expect(result.content[0]?.text).toMatch(expected);
    });

    it('answers its questions and hears of its progress', async () => {
      const mode = era === '2025-11-25' ? 'legacy' : 'modern';
      const client = aerie.as(ALICE, { era: mode, answers: [{ action: 'accept', content: { sure: true } }] });
      expect((await client.callTool('call_tool', { name: 'confirm' })).text).toBe('accept');
      const counted = await client.callTool('call_tool', { name: 'count', arguments: null });
      expect(counted).toMatchObject({ text: 'counted', progress: [{ progress: 1 }, { progress: 2 }] });
    });

    it('cancels it', async () => {
      const tools = aerie.application.get(SearchedTools, { strict: false });
      const before = tools.cancelled;
      const cancel = new AbortController();
      const client = aerie.as(ALICE, { era: era === '2025-11-25' ? 'legacy' : 'modern' });
      const call = client.callTool('call_tool', { name: 'work' }, { signal: cancel.signal });
      await until(() => calls.some(({ name }) => name === 'work'));
      cancel.abort();
      await expect(call).rejects.toThrow();
      await until(() => tools.cancelled === before + 1);
    });
  });

  it('need not repeat arguments in headers, but must not contradict them', async () => {
    const token = await aerie.token(ALICE);
    const call = indirect('regional', { region: 'eu' });
    expect(await resultText(await postModern(aerie.url, token, call))).toBe('eu');
    expect((await postModern(aerie.url, token, call, { 'mcp-param-region': 'eu' })).status).toBe(200);
    expect((await postModern(aerie.url, token, call, { 'mcp-param-region': 'us' })).status).toBe(400);
    expect((await postModern(aerie.url, token, call, { 'mcp-name': 'regional' })).status).toBe(400);
  });

  it('repeats the name in the header Mcp-Name as for every call: in Base64 too, but not at all is refused', async () => {
    const token = await aerie.token(ALICE);
    const encoded = `=?base64?${Buffer.from('call_tool').toString('base64')}?=`;
    const call = indirect('regional', { region: 'eu' });
    expect(await resultText(await postModern(aerie.url, token, call, { 'mcp-name': encoded }))).toBe('eu');
    const params = { ...call.params, _meta: MODERN_ENVELOPE };
    const headers = { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/call' };
    const refused = await post(aerie.url, token, message({ ...call, params }), headers);
    expect(refused.status).toBe(400);
    expect(await refused.text()).toMatch(/Mcp-Name must be call_tool/);
  });

  it('may send batches', async () => {
    const batch = [message(indirect('numbers')), message({ ...indirect('about'), id: 2 })];
    const headers = { 'mcp-protocol-version': '2025-03-26' };
    const answer = await post(aerie.url, await aerie.token(ALICE), batch, headers);
    const answers = (await answer.json()) as { id: number }[];
    expect(answers.toSorted((a, b) => a.id - b.id)).toMatchObject([
      { id: 1, result: { content: [{ text: '[1,2]' }] } },
      { id: 2, result: { content: [{ text: 'about' }] } },
    ]);
  });

  it('finds tools that are added later, until they are removed', async () => {
    const catalog = aerie.application.get(LiveCatalog, { strict: false });
    const late = { name: 'zeppelin', description: 'Books an airship.', scopes: 'authenticated' } as const;
    const remove = catalog.addTool(late, () => 'flies');
    expect(await found(ALICE, 'airship')).toEqual(['zeppelin']);
    remove();
    expect(await found(ALICE, 'airship')).toEqual([]);
    expect(() => catalog.addTool({ ...late, name: 'call_tool' }, () => '')).toThrow(
      /its tool name "call_tool" is already used/,
    );
  });

  it('gets the real tool into the line of the call', async () => {
    await aerie.as(ALICE).callTool('call_tool', { name: 'numbers' });
    await until(() => lines.length > 0);
    expect(lines.at(-1)).toMatchObject({ tool: 'numbers', method: 'tools/call', outcome: 'ok' });
  });

  it.each(ORGANIZATIONS)('never finds, describes or calls what %s must not have', async (organization) => {
    let seed = organization.length * 7_919;
    const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const pick = <Item>(items: readonly Item[]): Item => items[random(items.length)] as Item;
    const caller = { organization, scopes: random(2) === 0 ? ['more'] : [] };
    const names = [...DECLARATIONS.map(({ name }) => name), 'open_vault', 'govern', 'refund'];
    const all = await aerie.as(caller, { headers: { 'aerie-tool-search': 'off' } }).listTools();
    const own = new Set(all.map(({ name }) => name));
    expect([...own].filter((name) => ORGANIZATIONS.some((org) => name.startsWith(org)))).toHaveLength(
      caller.scopes.length > 0 ? 200 : 150,
    );
    const client = aerie.as(caller);
    for (let round = 0; round < 15; round++) {
      const query = [pick(names), pick(THINGS), pick(ORGANIZATIONS)].slice(random(3)).join(' ');
      for (const name of await found(caller, query, 20)) expect(own).toContain(name);
      const wanted = Array.from({ length: 10 }, () => pick(names));
      const { text } = await client.callTool('describe_tools', { names: wanted });
      const { tools, unknown = [] } = JSON.parse(text) as { tools: { name: string }[]; unknown?: string[] };
      expect(tools.map(({ name }) => name)).toEqual(wanted.filter((name) => own.has(name)));
      expect(unknown).toEqual(wanted.filter((name) => !own.has(name)));
      const name = pick(names);
      const result = await client
        .callTool('call_tool', { name })
        .catch((error: unknown) => ({ text: String(error) }));
      if (own.has(name)) expect(result.text).toBe(`ran ${name}`);
      else expect(result.text).not.toMatch(/^ran|open|governed|refunded/);
    }
  });
});
