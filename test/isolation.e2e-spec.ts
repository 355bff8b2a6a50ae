import { setTimeout as pause } from 'node:timers/promises';

import { Injectable, Module } from '@nestjs/common';
import { z } from 'zod';

import { CallContext, McpTool, Organization, Principal } from '../src/mcp/index.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { ISOLATION_CALLS } from './support/isolation-calls.js';
import { ERAS, post, toolCall, message } from './support/rpc.js';

const moment = (): Promise<void> => pause(Math.random() * 8);

@Injectable()
class Ledger {
  constructor(private readonly organization: Organization) {}

  async owner(): Promise<string> {
    await moment();
    return this.organization.id;
  }
}

let instances = 0;

@Injectable()
class ScopedTools {
  readonly #instance = ++instances;

  constructor(
    private readonly principal: Principal,
    private readonly ledger: Ledger,
  ) {}

  @McpTool({
    name: 'scoped',
    scopes: 'authenticated',
    description: 'Request-scoped.',
    input: z.object({ echo: z.string() }),
  })
  async scoped({ echo }: { echo: string }, context: CallContext): Promise<string> {
    await moment();
    const owner = await this.ledger.owner();
    await moment();
    return [echo, this.principal.subject, owner, context.principal.subject, context.organization.id].join(
      '|',
    );
  }

  @McpTool({ name: 'instance', scopes: 'authenticated', description: 'Which instance answers.' })
  instance(): number {
    return this.#instance;
  }
}

@Injectable()
class SingletonTools {
  @McpTool({
    name: 'singleton',
    scopes: 'authenticated',
    description: 'A singleton.',
    input: z.object({ echo: z.string() }),
  })
  async singleton({ echo }: { echo: string }, { principal, organization }: CallContext): Promise<string> {
    await moment();
    return [echo, principal.subject, organization.id].join('|');
  }
}

@Module({ providers: [Ledger, ScopedTools, SingletonTools] })
class TestTools {}

describe('callers of two organizations at the same time', () => {
  let aerie: Aerie;
  let tokens: Record<'org_acme' | 'org_globex', string>;
  beforeAll(async () => {
    aerie = await startAerie({ modules: [TestTools] });
    tokens = {
      org_acme: await aerie.token({ user: 'alice', claims: { sub: 'usr_alice' } }),
      org_globex: await aerie.token({ user: 'bob', claims: { sub: 'usr_bob' } }),
    };
  });
  afterAll(() => aerie.close());

  it(`get their own responses in ${ISOLATION_CALLS} interleaved calls`, async () => {
    const calls = Array.from({ length: ISOLATION_CALLS }, (_, index) => async () => {
      const acme = Math.random() < 0.5;
      const [, send] = ERAS[index % ERAS.length]!;
      const tool = ['scoped', 'singleton', 'get_org_data'][index % 3]!;
      const response = await send(
        aerie.url,
        acme ? tokens.org_acme : tokens.org_globex,
        toolCall(tool, tool === 'get_org_data' ? {} : { echo: `call-${index}` }, index),
      );
      const { id, result } = (await response.json()) as {
        id: number;
        result: { content: [{ text: string }] };
      };
      const [subject, organization] = acme ? ['usr_alice', 'org_acme'] : ['usr_bob', 'org_globex'];
      const caller = `${subject}|${organization}`;
      return {
        index,
        id,
        got: result.content[0].text,
        expected: {
          scoped: `call-${index}|${caller}|${caller}`,
          singleton: `call-${index}|${caller}`,
          get_org_data: acme
            ? '{"organizationId":"org_acme","name":"Acme","plan":"enterprise","seats":250}'
            : '{"organizationId":"org_globex","name":"Globex","plan":"team","seats":20}',
        }[tool],
      };
    });
    const queue = calls.values();
    const answers: Awaited<ReturnType<(typeof calls)[number]>>[] = [];
    await Promise.all(
      Array.from({ length: 64 }, async () => {
        for (const call of queue) answers.push(await call());
      }),
    );
    expect(answers).toHaveLength(ISOLATION_CALLS);
    expect(answers.filter(({ index, id, got, expected }) => id !== index || got !== expected)).toEqual([]);
  }, 600_000);

  it('get their own responses with the same id, even if every third disconnects', async () => {
    const calls = Array.from({ length: 600 }, async (_, index) => {
      const acme = index % 2 === 0;
      const [, send] = ERAS[(index >> 1) % ERAS.length]!;
      const caller = new AbortController();
      const answer = send(
        aerie.url,
        acme ? tokens.org_acme : tokens.org_globex,
        toolCall('singleton', { echo: `call-${index}` }, 'the same'),
        {},
        caller.signal,
      );
      if (index % 3 === 0) {
        answer.catch(() => undefined);
        await moment();
        caller.abort();
        return undefined;
      }
      const { id, result } = (await (await answer).json()) as {
        id: string;
        result: { content: [{ text: string }] };
      };
      const owner = acme ? 'usr_alice|org_acme' : 'usr_bob|org_globex';
      return { id, got: result.content[0].text, expected: `call-${index}|${owner}` };
    });
    const answers = (await Promise.all(calls)).filter((answer) => answer !== undefined);
    expect(answers).toHaveLength(400);
    expect(answers.filter(({ id, got, expected }) => id !== 'the same' || got !== expected)).toEqual([]);
  });

  it('get their own data from the included tools', async () => {
    for (const [organization, token] of Object.entries(tokens)) {
      const data = await post(aerie.url, token, message(toolCall('get_org_data')));
      expect(await data.text()).toContain(organization);
      const who = await post(aerie.url, token, message(toolCall('whoami')));
      expect(await who.text()).toContain(organization);
    }
  });

  it('cannot select another organization by an argument', async () => {
    const response = await post(
      aerie.url,
      tokens.org_globex,
      message(toolCall('get_org_data', { organizationId: 'org_acme', org_id: 'org_acme' })),
      { 'x-organization-id': 'org_acme' },
    );
    expect(await response.text()).not.toContain('Acme');
  });

  it('share a request-scoped instance within a batch, but not between requests', async () => {
    const instancesOf = async (): Promise<string[]> => {
      const response = await post(aerie.url, tokens.org_acme, [
        message(toolCall('instance', {}, 1)),
        message(toolCall('instance', {}, 2)),
      ]);
      const answers = (await response.json()) as { result: { content: [{ text: string }] } }[];
      return answers.map(({ result }) => result.content[0].text);
    };
    const first = await instancesOf();
    const second = await instancesOf();
    expect(new Set(first).size).toBe(1);
    expect(new Set([...first, ...second]).size).toBe(2);
  });

  it('get an error if the tool needs an organization and the token has none', async () => {
    const token = await aerie.token({ claims: { oid: undefined } });
    for (const tool of ['scoped', 'singleton']) {
      const response = await post(aerie.url, token, message(toolCall(tool, { echo: 'x' })));
      expect(await response.json()).toMatchObject({
        result: { isError: true, content: [{ text: expect.stringMatching(/needs an organization/) }] },
      });
    }
  });

  it('can name the organization as org_id, as in older tokens', async () => {
    const token = await aerie.token({ claims: { oid: undefined, org_id: 'org_globex' } });
    const response = await post(aerie.url, token, message(toolCall('get_org_data')));
    expect(await response.text()).toContain('Globex');
  });
});
