import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Injectable, Module } from '@nestjs/common';
import { z } from 'zod';

import { type CallContext, McpPrompt, McpResource, McpTool, Principal, ToolError } from '../src/index.js';
import {
  type AerieMatchers,
  AerieTest,
  createCallContext,
  expectTenantIsolation,
  matchers,
} from '../src/testing/index.js';

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
    return String(amount * this.rates.of(currency));
  }

  @McpTool({ name: 'wipe', scopes: 'authenticated', description: 'Deletes all.' })
  async wipe(_input: object, context: CallContext): Promise<string> {
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
    expect((await client.listTools()).map(({ name }) => name)).toContain('convert');
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
    expect((await client.callTool('wipe')).text).toBe('wiped');
    expect((await client.callTool('wipe')).text).toBe('kept');
    expect(client.questions).toEqual(['Sure?', 'Sure?']);
  });

  it('tells tool errors and missing scopes apart', async () => {
    const client = aerie.as(alice);
    const failed = await client.callTool('convert', { amount: 1, currency: 'XXX' });
    expect(failed).toBeToolError(/Unknown currency/);
    expect(await client.callTool('convert', { amount: 1, currency: 'EUR' })).not.toBeToolError();
    const stranger = aerie.as({ subject: 'bob' });
    await expect(stranger.callTool('convert', { amount: 1, currency: 'EUR' })).toRequireScopes(
      'billing:read',
    );
  });

  it('refuses expired, foreign and revoked tokens', async () => {
    await expect(aerie.as({ ...alice, expiresIn: -60 }).listTools()).rejects.toThrow();
    const headers = { authorization: `Bearer ${await aerie.foreignToken(alice)}` };
    expect((await aerie.fetch(aerie.url, { method: 'POST', headers })).status).toBe(401);
    await aerie.revoke({ what: 'subject', id: 'mallory' });
    await expect(aerie.as({ subject: 'mallory' }).listTools()).rejects.toThrow();
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
    const aerie = await AerieTest.create({ imports: [BillingModule] }).compile();
    try {
      const url = await aerie.listen();
      const client = new Client({ name: 'any', version: '1' });
      const headers = { authorization: `Bearer ${await aerie.token(alice)}` };
      await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
      expect((await client.listTools()).tools).not.toHaveLength(0);
      await client.close();
      expect((await aerie.as(alice).callTool('convert', { amount: 1, currency: 'EUR' })).text).toBe('2');
    } finally {
      await aerie.close();
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
});
