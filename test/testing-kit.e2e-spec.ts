import { createServer } from 'node:net';

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { z } from 'zod';

import { startDevIssuer } from '../src/dev-issuer/index.js';
import {
  AerieModule,
  type CallContext,
  fromEnvironment,
  fromJsonSchema,
  McpPrompt,
  McpResource,
  McpTool,
  Principal,
  ToolError,
} from '../src/index.js';
import {
  type AerieMatchers,
  AerieTest,
  createCallContext,
  expectTenantIsolation,
  matchers,
  type TenantCall,
} from '../src/testing/index.js';
import { listen } from '../src/values/listen.js';
import { startRedis } from './support/redis.js';
import { until } from './support/until.js';

declare global {
  namespace jest {
    interface Matchers<R> extends AerieMatchers<R> {}
  }
}

expect.extend(matchers);

@Injectable()
class Rates {
  of(_currency: string): number {
    return 2;
  }
}

const note = z.object({ text: z.string() });

@Injectable()
class BillingTools {
  readonly #notes = new Map<string | undefined, string[]>();
  readonly #shared: string[] = [];

  constructor(private readonly rates: Rates) {}

  @McpTool({
    name: 'convert',
    scopes: ['billing:read'],
    description: 'Converts an amount.',
    input: z.object({ amount: z.number(), currency: z.string() }),
  })
  async convert(
    { amount, currency }: { amount: number; currency: string },
    context: CallContext,
  ): Promise<string> {
    if (currency === 'XXX') throw new ToolError('Unknown currency XXX. Use an ISO 4217 code.');
    await context.progress(1, 2, 'half');
    await context.log('info', { currency });
    return String(amount * this.rates.of(currency));
  }

  @McpTool({ name: 'wipe', scopes: 'authenticated', description: 'Deletes all.' })
  async wipe(_input: object, context: CallContext): Promise<string> {
    await context.progress(1, 2, 'asking');
    const answer = await context.elicit({ message: 'Sure?', schema: z.object({ sure: z.boolean() }) });
    return answer.action === 'accept' && answer.content.sure ? 'wiped' : 'kept';
  }

  @McpTool({ name: 'wait', scopes: 'authenticated', description: 'Waits for its end.' })
  async wait(_input: object, { signal }: CallContext): Promise<string> {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return 'aborted';
  }

  @McpTool({ name: 'note', scopes: 'authenticated', description: 'Keeps a note.', input: note })
  note({ text }: { text: string }, { principal }: CallContext): string {
    const notes = this.#notes.get(principal.organizationId) ?? [];
    this.#notes.set(principal.organizationId, [...notes, text]);
    return [...notes, text].join();
  }

  @McpTool({
    name: 'shared_note',
    scopes: 'authenticated',
    description: 'Keeps a note for all.',
    input: note,
  })
  sharedNote({ text }: { text: string }): string {
    this.#shared.push(text);
    return this.#shared.join();
  }
}

@Injectable()
class Documents {
  constructor(private readonly principal: Principal) {}

  @McpResource({ name: 'me', uri: 'billing://me', scopes: 'authenticated', description: 'The caller.' })
  me(): string {
    return this.principal.subject;
  }

  @McpResource({ name: 'invoice', uri: 'billing://invoices/{id}', scopes: 'authenticated' })
  invoice({ id }: { id: string }): string {
    return id;
  }

  @McpPrompt({ name: 'remind', scopes: 'authenticated', arguments: z.object({ customer: z.string() }) })
  remind({ customer }: { customer: string }): string {
    return `Remind ${customer}.`;
  }
}

@Module({ providers: [Rates, BillingTools, Documents] })
class BillingModule {}

const alice = { subject: 'alice', organization: 'acme', scopes: ['billing:read'] };

describe('AerieTest', () => {
  let aerie: AerieTest;
  beforeAll(async () => {
    aerie = await AerieTest.create({ imports: [BillingModule] }).compile();
  });
  afterAll(() => aerie.close());

  it.each(['modern', 'legacy'] as const)('calls tools, resources and prompts in the %s era', async (era) => {
    const client = aerie.as(alice, { era });
    const { text, progress } = await client.callTool('convert', { amount: 3, currency: 'EUR' });
    expect(text).toBe('6');
    expect(progress).toEqual([{ progress: 1, total: 2, message: 'half' }]);
    expect(client.logs).toEqual([{ level: 'info', data: { currency: 'EUR' } }]);
    expect((await client.listTools()).map(({ name }) => name)).toContain('convert');
    expect((await client.listResourceTemplates()).map(({ name }) => name)).toEqual(['invoice']);
    expect((await client.readResource('billing://invoices/7')).contents).toMatchObject([{ text: '7' }]);
    expect((await client.readResource('billing://me')).contents).toMatchObject([{ text: 'alice' }]);
    expect((await client.listResources()).map(({ uri }) => uri)).toEqual(['billing://me']);
    expect((await client.listPrompts()).map(({ name }) => name)).toEqual(['remind']);
    const prompt = await client.getPrompt('remind', { customer: 'Bob' });
    expect(prompt.messages).toMatchObject([{ content: { text: 'Remind Bob.' } }]);
  });

  it('answers the questions of tools by script', async () => {
    const client = aerie.as(alice, {
      answers: [{ action: 'accept', content: { sure: true } }, { action: 'decline' }],
    });
    const { text, progress } = await client.callTool('wipe');
    expect(text).toBe('wiped');
    expect(progress.map(({ message }) => message)).toEqual(['asking', 'asking']); // it runs twice
    expect((await client.callTool('wipe')).text).toBe('kept');
    expect(client.questions).toEqual(['Sure?', 'Sure?']);
    await expect(client.callTool('wipe')).rejects.toThrow('no answer to the question "Sure?"');
  });

  it('tells tool errors and missing scopes apart', async () => {
    const client = aerie.as(alice);
    const failed = await client.callTool('convert', { amount: 1, currency: 'XXX' });
    expect(failed).toBeToolError(/Unknown currency/);
    expect(await client.callTool('convert', { amount: 1, currency: 'EUR' })).not.toBeToolError();
    const stranger = aerie.as({ subject: 'bob' });
    const call = (): Promise<unknown> => stranger.callTool('convert', { amount: 1, currency: 'EUR' });
    await expect(call()).toRequireScopes('billing:read');
    await expect(call).not.toRequireScopes('billing:write');
  });

  it('names what was compared when a matcher fails', async () => {
    const call = (caller: object): Promise<unknown> =>
      aerie.as(caller).callTool('convert', { amount: 1, currency: 'XXX' });
    const failed = await call(alice);
    expect(() => expect(failed).toBeToolError('no')).toThrow(/a tool error: Unknown .* Compared with: no$/);
    expect(() => expect(failed).not.toBeToolError()).toThrow(/a tool error: Unknown currency/);
    await expect(expect(call({})).toRequireScopes('other')).rejects.toThrow(
      'requires the scopes "billing:read"; compared with "other"',
    );
    await expect(expect(call(alice)).toRequireScopes('other')).rejects.toThrow(
      /does not fail for lack of scopes\. Its result is: Unknown/,
    );
  });

  it('refuses expired, foreign and revoked tokens', async () => {
    await expect(aerie.as({ ...alice, expiresIn: -60 }).listTools()).rejects.toMatchObject({
      name: 'RefusedError',
      status: 401,
      code: 'invalid_token',
      message: 'The application refused the request with 401: The access token has expired.',
    });
    const headers = { authorization: `Bearer ${await aerie.foreignToken(alice)}` };
    expect((await aerie.fetch(aerie.url, { method: 'POST', headers })).status).toBe(401);
    await aerie.revoke({ what: 'subject', id: 'mallory' });
    // A token of the next second, which times in tokens tell apart from the revocation.
    const second = Math.floor(Date.now() / 1000);
    await until(() => Math.floor(Date.now() / 1000) > second);
    await expect(aerie.as({ subject: 'mallory' }).listTools()).rejects.toThrow('revoked');
    await expect(aerie.as(alice).listTools()).resolves.not.toHaveLength(0);
  });

  it('cancels a call', async () => {
    const client = aerie.as(alice);
    const stop = new AbortController();
    const call = client.callTool('wait', {}, { signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    await expect(call).rejects.toThrow();
  });

  it('finds data that crosses from one organization to another', async () => {
    const [acme, globex] = [aerie.as(alice), aerie.as({ ...alice, organization: 'globex' })];
    await expectTenantIsolation(acme, globex, [(client, text) => client.callTool('note', { text })]);
    await expect(
      expectTenantIsolation(acme, globex, [(client, text) => client.callTool('shared_note', { text })]),
    ).rejects.toThrow('Call 1 of one organization returns data of another.');
    const unscoped = aerie.as({ organization: 'globex' });
    const convert = { amount: 1, currency: 'EUR' };
    await expect(
      expectTenantIsolation(acme, unscoped, [(client) => client.callTool('convert', convert)]),
    ).rejects.toThrow('billing:read');
  });

  it('compares many calls of two organizations at once', async () => {
    const [acme, globex] = [aerie.as(alice), aerie.as({ ...alice, organization: 'globex' })];
    const add: TenantCall = (client, text) => client.callTool('note', { text });
    await expectTenantIsolation(
      acme,
      globex,
      Array.from({ length: 20 }, () => add),
    );
  });

  it('finds calls that prove nothing of organizations, because they return no data', async () => {
    const [acme, globex] = [aerie.as(alice), aerie.as({ ...alice, organization: 'globex' })];
    const expectNoProof = (call: TenantCall, failure: RegExp): Promise<void> =>
      expect(expectTenantIsolation(acme, globex, [call])).rejects.toThrow(failure);
    await expectNoProof(
      (client, text) => client.callTool('renamed_note', { text }),
      /^No successful call of the first organization returns its marker.* The first failure: .*renamed_note/,
    );
    await expectNoProof((client, text) => client.callTool('note', { [text]: 1 }), /first failure: .*isError/);
    const convert = { amount: 1, currency: 'EUR' };
    await expectNoProof((client) => client.callTool('convert', convert), /in the same or another\.$/);
    await expectNoProof(
      (client, text) => (client === acme ? client.callTool('note', { text }) : Promise.resolve()),
      /^No successful call of the second organization/,
    );
  });

  it('publishes its catalog for a snapshot', () => {
    const { tools, resources, prompts } = aerie.catalog();
    expect(tools.map(({ name }) => name)).toEqual(['convert', 'note', 'shared_note', 'wait', 'wipe']);
    expect(resources).toMatchObject([{ uri: 'billing://me' }]);
    expect(prompts).toMatchObject([{ name: 'remind' }]);
  });
});

describe('AerieTest with other parts', () => {
  it('replaces providers, and settings of Aerie', async () => {
    const aerie = await AerieTest.create(
      { imports: [BillingModule] },
      { variables: { TOOL_TIMEOUT: '50ms' } },
    )
      .overrideProvider(Rates)
      .useValue({ of: () => 10 })
      .compile();
    try {
      const client = aerie.as(alice);
      expect((await client.callTool('convert', { amount: 3, currency: 'EUR' })).text).toBe('30');
      expect(await client.callTool('wait')).toBeToolError('The call did not end within 0.05 s.');
    } finally {
      await aerie.close();
    }
  });

  it('serves real HTTP for any client', async () => {
    const aerie = await AerieTest.create({ imports: [BillingModule] }, { port: 0 }).compile();
    try {
      const client = new Client({ name: 'any', version: '1' });
      const headers = { authorization: `Bearer ${await aerie.token(alice)}` };
      const url = new URL(aerie.url);
      await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
      expect((await client.listTools()).tools).not.toHaveLength(0);
      await client.close();
      expect((await aerie.as(alice).callTool('convert', { amount: 1, currency: 'EUR' })).text).toBe('2');
    } finally {
      await aerie.close();
    }
  });

  it('asks clients of 2025 in sessions', async () => {
    const aerie = await AerieTest.create(
      { imports: [BillingModule] },
      { variables: { MCP_SESSIONS: 'on' } },
    ).compile();
    try {
      const client = aerie.as(alice, {
        era: 'legacy',
        answers: { action: 'accept', content: { sure: true } },
      });
      expect((await client.callTool('wipe')).text).toBe('wiped');
      expect(client.questions).toEqual(['Sure?']);
    } finally {
      await aerie.close();
    }
  });

  it('gives the configuration of the test to a root module that imports Aerie', async () => {
    const other = createServer();
    const port = await listen(other); // the embedded issuer could not start
    const configuration = fromEnvironment({
      DEV_ISSUER_PORT: String(port),
      RESOURCE_URL: 'http://localhost:3002/api/mcp',
    });
    @Module({ imports: [AerieModule.forRoot(configuration), BillingModule] })
    class AppModule {}
    const aerie = await AerieTest.create({ imports: [AppModule] }).compile();
    other.close();
    try {
      expect(aerie.url).toBe('http://localhost/api/mcp');
      expect((await aerie.as(alice).callTool('convert', { amount: 1, currency: 'EUR' })).text).toBe('2');
    } finally {
      await aerie.close();
    }
  });

  it('refuses options that a root module with its own Aerie would ignore', async () => {
    @Module({ imports: [AerieModule.forRoot(fromEnvironment({}))] })
    class AppModule {}
    const options = { observers: [], claims: {}, logRequests: undefined };
    await expect(AerieTest.create({ imports: [AppModule] }, options).compile()).rejects.toThrow(
      'import AerieModule, so these options would be ignored: observers, claims. Set them there',
    );
  });

  it('has clients for each endpoint of an application', async () => {
    const staff = fromEnvironment({
      RESOURCE_URL: 'http://localhost:3002/internal/mcp',
      DEV_ISSUER_PORT: '3004',
    });
    @Module({
      imports: [
        AerieModule.forRoot(fromEnvironment({})),
        AerieModule.forRoot(staff, { endpoint: 'staff' }),
        AerieModule.forFeature([Rates, BillingTools], { endpoint: 'staff' }),
      ],
    })
    class AppModule {}
    const aerie = await AerieTest.create({ imports: [AppModule] }).compile();
    try {
      const client = aerie.as(alice, { endpoint: 'staff' });
      expect((await client.callTool('convert', { amount: 1, currency: 'EUR' })).text).toBe('2');
      expect(aerie.catalog({ endpoint: 'staff' }).tools).not.toHaveLength(0);
      expect([await aerie.as(alice).listTools(), aerie.catalog().tools]).toEqual([[], []]);
      await expect(aerie.token(alice, { endpoint: 'sales' })).rejects.toThrow('no endpoint "sales"');
    } finally {
      await aerie.close();
    }
  });

  it('starts the application that other code sets up', async () => {
    const aerie = await AerieTest.start(async (variables) => {
      @Module({ imports: [AerieModule.forRoot(fromEnvironment(variables)), BillingModule] })
      class AppModule {}
      return NestFactory.create(AppModule, { logger: false });
    });
    try {
      expect((await aerie.as(alice).callTool('convert', { amount: 1, currency: 'EUR' })).text).toBe('2');
      await expect(aerie.issuer.goDown()).rejects.toThrow('"issuer"');
      expect(() => aerie.redis).toThrow('"redis"');
    } finally {
      await aerie.close();
    }
  });
});

describe('AerieTest on demand', () => {
  const call = ['convert', { amount: 1, currency: 'EUR' }] as const;

  it.each([
    ['in memory', undefined],
    [
      'of aerie-mcp/dev-issuer',
      (resourceUrl: string) => startDevIssuer({ port: 0, resourceUrl, scopes: () => ['billing:read'] }),
    ],
  ])('lets an issuer %s be away, and rotate its keys', async (_where, issuer) => {
    const aerie = await AerieTest.create({ imports: [BillingModule] }, issuer && { issuer }).compile();
    try {
      const before = aerie.as(alice);
      expect((await before.callTool(...call)).text).toBe('2');
      expect((await aerie.as(alice, { era: 'legacy' }).callTool(...call)).text).toBe('2');
      await aerie.issuer.goDown();
      expect((await aerie.as(alice).callTool(...call)).text).toBe('2'); // the keys are remembered
      await aerie.issuer.rotateKeys();
      const after = aerie.as(alice);
      await expect(after.callTool(...call)).rejects.toMatchObject({ name: 'RefusedError', status: 503 });
      await aerie.issuer.comeBack();
      await until(() =>
        after.callTool(...call).then(
          ({ text }) => text === '2',
          () => false,
        ),
      );
      await expect(before.callTool(...call)).rejects.toMatchObject({ code: 'invalid_token' });
    } finally {
      await aerie.close();
    }
  });

  it('lets Redis be away', async () => {
    const server = await startRedis();
    const aerie = await AerieTest.create({ imports: [BillingModule] }, { redis: server.url }).compile();
    try {
      const client = aerie.as(alice);
      await aerie.revoke({ what: 'subject', id: 'mallory' });
      await expect(aerie.as({ subject: 'mallory' }).listTools()).rejects.toThrow('revoked');
      aerie.redis.goDown();
      await expect(aerie.revoke({ what: 'subject', id: 'alice' })).rejects.toThrow();
      expect((await client.callTool(...call)).text).toBe('2');
      aerie.redis.comeBack();
      await until(() =>
        aerie.revoke({ what: 'subject', id: 'alice' }).then(
          () => true,
          () => false,
        ),
      );
      await expect(client.callTool(...call)).rejects.toThrow('revoked');
    } finally {
      await aerie.close();
      await server.stop();
    }
  });
});

describe('createCallContext', () => {
  it('runs a handler without an application, and records what it reports', async () => {
    const { context, progress } = createCallContext({ caller: alice });
    await expect(
      new BillingTools(new Rates()).convert({ amount: 2, currency: 'EUR' }, context),
    ).resolves.toBe('4');
    expect(progress).toEqual([{ progress: 1, total: 2, message: 'half' }]);
    expect(context.organization.id).toBe('acme');
  });

  it('has the caller that a token with the same claims would have', () => {
    const { context } = createCallContext({
      caller: {
        organization: 'acme',
        scopes: ['a', 'b'],
        claims: { org_id: 'globex', scope: 'c d', roles: ['lead'], sid: 'session' },
      },
    });
    expect(context.principal).toMatchObject({
      subject: 'test-user',
      organizationId: 'globex',
      scopes: ['c', 'd'],
      roles: ['lead'],
      sessionId: 'session',
    });
    expect(createCallContext().context.principal).toMatchObject({ clientId: 'test-client', scopes: [] });
  });

  it('answers the questions of the handler', async () => {
    const { context, questions } = createCallContext({
      answers: [
        { action: 'accept', content: { sure: true } },
        { action: 'accept', content: { sure: 7 } },
      ],
    });
    const tools = new BillingTools(new Rates());
    await expect(tools.wipe({}, context)).resolves.toBe('wiped');
    await expect(tools.wipe({}, context)).rejects.toThrow('does not match its schema');
    expect(questions).toEqual(['Sure?', 'Sure?']);
  });

  it('gives the handler copies of the answers, as a server does', async () => {
    const answers = { action: 'accept' as const, content: { title: 'Draft' } };
    const { context } = createCallContext({ answers });
    const schema = fromJsonSchema<{ title: string }>({
      type: 'object',
      properties: { title: { type: 'string' } },
    });
    const answer = await context.elicit({ message: 'Which title?', schema });
    if (answer.action === 'accept') answer.content.title = 'changed';
    expect(answer).toMatchObject({ content: { title: 'changed' } });
    expect(answers.content.title).toBe('Draft');
  });
});
