import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import {
  type CanActivate,
  forwardRef,
  Inject,
  Injectable,
  Module,
  type OnApplicationShutdown,
  Scope,
  UseGuards,
} from '@nestjs/common';
import { INQUIRER, ModuleRef } from '@nestjs/core';
import type { Request } from 'express';
import { map, type Observable, Subject } from 'rxjs';
import { z } from 'zod';

import { type AuthenticatedRequest, setPrincipal } from '../src/auth/authenticated-request.js';
import { OrganizationContexts } from '../src/mcp/context/organization-contexts.js';
import { RequestContext } from '../src/mcp/context/request-context.js';
import { type CallContext, McpTool, Organization, Principal, Tenant, ToolError } from '../src/mcp/index.js';
import { AdmittedMessages } from '../src/mcp/admission/admitted-messages.js';
import { readMessage } from '../src/mcp/admission/message.js';
import { AuthorizationService } from '../src/mcp/authorization/authorization.service.js';
import { ToolCalls } from '../src/mcp/invocation/tool-calls.service.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { ISOLATION_CALLS } from './support/isolation-calls.js';
import { NO_WORK } from './support/no-work.js';
import { SILENT_CHANNEL } from './support/silent-channel.js';
import { aPrincipal } from './support/principal.js';
import { ERAS, message, post, resultText, toolCall } from './support/rpc.js';
import { until } from './support/until.js';

const moment = (): Promise<void> => pause(Math.random() * 8);
const PerOrganization = (): ClassDecorator => Injectable({ scope: Scope.REQUEST, durable: true });

/** Created and released instances, in order, such as `+org_acme`. */
let events: string[] = [];
let instances = 0;

@PerOrganization()
class ReportCache {
  readonly instance = ++instances;

  constructor(readonly tenant: Tenant) {
    events.push(`+${tenant.organizationId}`);
    tenant.onRelease(() => events.push(`-${tenant.organizationId}`));
  }
}

/** Durable without a mark: NestJS shares it because all its dependencies are shared. */
/** Signal for which the tool `observed` waits. */
const observing = new Subject<void>();

@Injectable()
class Reports {
  @Inject() readonly cache!: ReportCache;
}

@Injectable({ scope: Scope.TRANSIENT })
class Label {
  constructor(
    readonly tenant: Tenant,
    @Inject(INQUIRER) readonly inquirer: object,
  ) {}
}

@PerOrganization()
class Left {
  constructor(
    @Inject(forwardRef(() => Right)) readonly right: { readonly tenant: Tenant },
    readonly label: Label,
    @Inject('later') readonly later: Tenant,
  ) {}
}

@PerOrganization()
class Right {
  constructor(
    @Inject(forwardRef(() => Left)) readonly left: unknown,
    readonly tenant: Tenant,
  ) {}
}

@Injectable()
class Ledger {
  constructor(
    readonly organization: Organization,
    readonly reports: Reports,
  ) {}
}

@Injectable()
class MixedTools {
  constructor(
    private readonly principal: Principal,
    private readonly cache: ReportCache,
    private readonly reports: Reports,
    private readonly ledger: Ledger,
    @Inject('alias') private readonly alias: ReportCache,
    private readonly left: Left,
  ) {}

  @McpTool({
    name: 'mixed',
    scopes: 'authenticated',
    description: 'Injects a person and an organization.',
    input: z.object({ echo: z.string() }),
  })
  async mixed({ echo }: { echo: string }, context: CallContext): Promise<string> {
    await moment();
    const { cache, reports, ledger, alias, left } = this;
    const same = [reports.cache, ledger.reports.cache, alias].every((other) => other === cache);
    const whole = left.label.inquirer instanceof Left;
    await moment();
    return [
      echo,
      this.principal.subject,
      context.principal.subject,
      ledger.organization.id,
      cache.tenant.organizationId,
      left.right.tenant.organizationId,
      left.label.tenant.organizationId,
      left.later.organizationId,
      same && whole ? 'whole' : 'torn',
    ].join('|');
  }
}

/** Shared by the organization, because it injects nothing about a caller. */
@Injectable()
class SharedTools {
  constructor(private readonly reports: Reports) {}

  @McpTool({ name: 'shared', scopes: 'authenticated', description: 'Which instance?' })
  async shared(): Promise<string> {
    await moment();
    return `${this.reports.cache.tenant.organizationId}#${this.reports.cache.instance}`;
  }
}

@Injectable()
class SubjectGuard implements CanActivate {
  constructor(private readonly principal: Principal) {}

  canActivate(): boolean {
    return this.principal.subject !== 'usr_mallory';
  }
}

@PerOrganization()
class DurableTools {
  #calls = 0;

  @McpTool({ name: 'count', scopes: 'authenticated', description: 'Counts the calls of the organization.' })
  @UseGuards(SubjectGuard)
  count(): number {
    return ++this.#calls;
  }
}

let failures = 0;

@PerOrganization()
class Flaky {
  constructor() {
    if (failures-- > 0) throw new ToolError('Not yet.');
  }
}

/** Lets the test observe and end running calls. */
const running = new Map<string, () => void>();
const started = (id: string): Promise<void> => until(() => running.has(id));

@Injectable()
class SlowTools {
  constructor(
    private readonly cache: ReportCache,
    private readonly moduleRef: ModuleRef,
  ) {}

  @McpTool({
    name: 'slow',
    scopes: 'authenticated',
    description: 'Until told.',
    input: z.object({ id: z.string() }),
    timeout: 300,
  })
  async slow({ id }: { id: string }): Promise<string> {
    await new Promise<void>((resolve) => running.set(id, resolve));
    return this.cache.tenant.organizationId;
  }

  @McpTool({ name: 'observed', scopes: 'authenticated', description: 'An observable.' })
  observed(): Observable<string> {
    return observing.pipe(map(() => events.join(' ')));
  }

  @McpTool({ name: 'failing', scopes: 'authenticated', description: 'Fails.' })
  failing(): never {
    throw new ToolError(this.cache.tenant.organizationId);
  }

  @McpTool({ name: 'lost', scopes: 'authenticated', description: 'Looks for it where no organization is.' })
  async lost(): Promise<string> {
    return (await this.moduleRef.resolve(ReportCache)).tenant.organizationId;
  }
}

@Injectable()
class FlakyTools {
  constructor(private readonly flaky: Flaky) {}

  @McpTool({ name: 'flaky', scopes: 'authenticated', description: 'Fails first.' })
  tell(): string {
    return this.flaky.constructor.name;
  }
}

@Injectable()
class Store implements OnApplicationShutdown {
  onApplicationShutdown(): void {
    events.push('store closed');
  }
}

@Module({
  providers: [
    ReportCache,
    Reports,
    Label,
    Left,
    Right,
    Ledger,
    Flaky,
    Store,
    MixedTools,
    SharedTools,
    DurableTools,
    SlowTools,
    FlakyTools,
    { provide: 'alias', useExisting: ReportCache },
    {
      provide: 'later',
      scope: Scope.REQUEST,
      durable: true,
      inject: [Tenant],
      useFactory: async (tenant: Tenant) => moment().then(() => tenant),
    },
  ],
})
class TestTools {}

beforeEach(() => {
  events = [];
});

describe('a durable provider', () => {
  let aerie: Aerie;
  let contexts: OrganizationContexts;
  const tokens: Record<string, string> = {};
  beforeAll(async () => {
    aerie = await startAerie({ modules: [TestTools], environment: { MAX_ORGANIZATIONS_IN_MEMORY: '2' } });
    contexts = aerie.application.get(OrganizationContexts);
    for (const name of ['alice', 'anna', 'bob', 'mallory']) tokens[name] = await tokenOf(name);
  });
  afterAll(() => aerie.close());

  const tokenOf = (
    name: string,
    organization = name === 'bob' ? 'org_globex' : 'org_acme',
  ): Promise<string> => aerie.token({ claims: { sub: `usr_${name}`, oid: organization } });
  const call = async (token: string | undefined, tool: string, args = {}): Promise<string> =>
    resultText(await post(aerie.url, token, message(toolCall(tool, args))));
  const callFor = async (organization: string, tool = 'shared', args = {}): Promise<string> =>
    call(await tokenOf('x', organization), tool, args);

  it('has one instance per organization, shared by its callers', async () => {
    const [alice, anna, bob] = [tokens['alice'], tokens['anna'], tokens['bob']];
    expect(await call(alice, 'count')).toBe('1');
    expect(await call(anna, 'count')).toBe('2');
    expect(await call(bob, 'count')).toBe('1');
    expect(await call(alice, 'count')).toBe('3');
    expect(await call(tokens['mallory'], 'count')).toBe('Forbidden resource');
    const shared = await call(alice, 'shared');
    expect(shared).toMatch(/^org_acme#/);
    expect(await call(anna, 'shared')).toBe(shared);
    expect(await call(bob, 'shared')).toMatch(/^org_globex#/);
  });

  it(`keeps ${ISOLATION_CALLS} interleaved calls of two organizations apart`, async () => {
    const people = ['alice', 'anna', 'bob'];
    const numbers = Array.from({ length: ISOLATION_CALLS }, (_, index) => index).values();
    const wrong: unknown[] = [];
    let answers = 0;
    const shared: Record<string, Set<string>> = { org_acme: new Set(), org_globex: new Set() };
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        for (const index of numbers) {
          const person = people[Math.floor(Math.random() * 3)] ?? '';
          const organization = person === 'bob' ? 'org_globex' : 'org_acme';
          const tool = index % 3 ? 'mixed' : 'shared';
          const [, send] = ERAS[index % 2]!;
          const args = tool === 'mixed' ? { echo: String(index) } : {};
          const got = await resultText(await send(aerie.url, tokens[person], toolCall(tool, args, index)));
          answers++;
          if (tool === 'shared') {
            shared[organization]?.add(got);
            continue;
          }
          const subject = `usr_${person}`;
          const expected = [
            index,
            subject,
            subject,
            ...Array.from({ length: 5 }, () => organization),
            'whole',
          ];
          if (got !== expected.join('|')) wrong.push({ index, got, expected });
        }
      }),
    );
    expect(answers).toBe(ISOLATION_CALLS);
    expect(wrong).toEqual([]);
    expect([...shared['org_acme']!]).toEqual([expect.stringMatching(/^org_acme#/)]);
    expect([...shared['org_globex']!]).toEqual([expect.stringMatching(/^org_globex#/)]);
    expect(contexts.inUse).toBe(0);
  }, 600_000);

  it('is created once for concurrent first calls', async () => {
    for (let round = 0; round < 10; round++) {
      events = [];
      const organizations = Array.from({ length: 20 }, (_, index) => `org_${round}_${index % 2}`);
      const mixed = await Promise.all(
        organizations.map((organization, index) =>
          index % 4 < 2 ? callFor(organization) : callFor(organization, 'mixed', { echo: 'x' }),
        ),
      );
      expect(events.filter((event) => event.startsWith('+')).toSorted()).toEqual([
        `+org_${round}_0`,
        `+org_${round}_1`,
      ]);
      mixed.forEach((answer, index) => {
        expect(answer).toMatch(
          index % 4 < 2 ? new RegExp(`^${organizations[index]}#`) : new RegExp(`^x\\|.*\\|whole$`),
        );
        expect(answer).not.toContain(`org_${round}_${(index + 1) % 2}`);
      });
    }
  }, 60_000);

  it('is created by the next call after a failure', async () => {
    failures = 1;
    expect(await callFor('org_flaky', 'flaky')).toBe('Not yet.');
    expect(await callFor('org_flaky', 'flaky')).toBe('Flaky');
    expect(contexts.inUse).toBe(0);
  });

  it('is not available to a caller without an organization', async () => {
    const token = await aerie.token({ claims: { oid: undefined } });
    for (const tool of ['mixed', 'shared', 'count', 'slow']) {
      expect(
        await call(token, tool, tool === 'mixed' ? { echo: 'x' } : tool === 'slow' ? { id: 'x' } : {}),
      ).toBe('This needs an organization, but your access token has none. Sign in to an organization.');
    }
    expect(contexts.inUse).toBe(0);
  });

  it('is not created for calls that do not use it', async () => {
    const enter = jest.spyOn(contexts, 'enter');
    await call(tokens['alice'], 'get_org_data');
    await call(tokens['alice'], 'greet_user', { name: 'Saif' });
    expect(enter).not.toHaveBeenCalled();
    await call(tokens['alice'], 'shared');
    expect(enter).toHaveBeenCalledTimes(1);
  });

  it('cannot be resolved outside of a call', async () => {
    expect(await call(tokens['alice'], 'lost')).toMatch(/failed unexpectedly/);
    expect(aerie.logs.slice(-5).join('')).toContain('Tenant is available only in tools');
  });

  it('is released if others were used more recently', async () => {
    for (const organization of ['org_1', 'org_2', 'org_1', 'org_3']) await callFor(organization);
    expect(events.filter((event) => /org_[123]$/.test(event))).toEqual([
      '+org_1',
      '+org_2',
      '-org_2',
      '+org_3',
    ]);
    expect(await callFor('org_2')).toMatch(/^org_2#/);
    expect(events.filter((event) => event.endsWith('org_2'))).toEqual(['+org_2', '-org_2', '+org_2']);
  });

  it('is kept for an observable, and released after a failure', async () => {
    const observed = callFor('org_observed', 'observed');
    while (!observing.observed) await pause(1);
    for (const organization of ['org_4', 'org_5', 'org_6']) await callFor(organization);
    observing.next();
    observing.complete();
    expect(await observed).toMatch(/\+org_observed .*\+org_6/);
    expect(await observed).not.toContain('-org_observed');
    expect(await callFor('org_failing', 'failing')).toBe('org_failing');
    expect(contexts.inUse).toBe(0);
    for (const organization of ['org_4', 'org_5']) await callFor(organization);
    expect(events).toContain('-org_failing');
  });

  it.each(ERAS)(
    'stays while the tool runs, though its caller went away, in the era of %s',
    async (era, send) => {
      const organization = `org_gone_${era}`;
      const token = await tokenOf('x', organization);
      const gone = new AbortController();
      const answer = send(aerie.url, token, toolCall('slow', { id: era }), {}, gone.signal);
      await started(era);
      gone.abort();
      await expect(answer).rejects.toThrow();
      await pause(400); // Past the deadline as well.
      for (const other of ['org_7', 'org_8', 'org_9']) await callFor(other);
      expect(events).not.toContain(`-${organization}`);
      expect(contexts.inUse).toBe(1);
      running.get(era)?.();
      await pause(20);
      expect(contexts.inUse).toBe(0);
      for (const other of ['org_7', 'org_8']) await callFor(other);
      expect(events).toContain(`-${organization}`);
    },
  );
});

describe('2,000 organizations in turn', () => {
  const KEPT = 20;
  const alive: WeakRef<object>[] = [];

  @PerOrganization()
  class Hoard {
    readonly bytes = Buffer.alloc(10_000);

    constructor(readonly tenant: Tenant) {
      alive.push(new WeakRef(this));
      tenant.onRelease(() => events.push(`-${tenant.organizationId}`));
    }
  }

  @Injectable()
  class HoardTools {
    constructor(
      private readonly hoard: Hoard,
      private readonly principal: Principal,
    ) {}

    @McpTool({ name: 'hoard', scopes: 'authenticated', description: 'Holds 10 kB.' })
    hold(): string {
      return `${this.principal.subject} ${this.hoard.tenant.organizationId}`;
    }
  }

  @Module({ providers: [Hoard, HoardTools] })
  class HoardModule {}

  it('keep a bounded number of instances, and release the others', async () => {
    const aerie = await startAerie({
      modules: [HoardModule],
      environment: { MAX_ORGANIZATIONS_IN_MEMORY: String(KEPT), LOG_LEVEL: 'silent' },
    });
    try {
      const { application } = aerie;
      const [calls, authorization, contexts, moduleRef] = [
        application.get(ToolCalls),
        application.get(AuthorizationService),
        application.get(OrganizationContexts),
        application.get(ModuleRef),
      ];
      const texts: string[] = [];
      let mostKept = 0;
      for (let index = 0; index < 2_000; index++) {
        const principal = aPrincipal({ subject: `usr_${index}`, organizationId: `org_${index}` });
        const request = { headers: {}, socket: {} } as Request & AuthenticatedRequest;
        setPrincipal(request, principal);
        const context = new RequestContext(principal, request, moduleRef, contexts, NO_WORK);
        const body = { method: 'tools/call', params: { name: 'hoard' } };
        const called = readMessage(body, principal, { authorization, search: { find: () => undefined } });
        const { content } = await calls.call({
          name: 'hoard',
          asked: new AdmittedMessages(context, [called], authorization).asked('tool', 'hoard'),
          input: {},
          isLegacy: false,
          request: context,
          channel: SILENT_CHANNEL,
          caller: new AbortController().signal,
        });
        context.end();
        texts.push(JSON.stringify(content));
        mostKept = Math.max(mostKept, alive.length - events.length); // each event is a release
      }
      expect(texts).toEqual(
        Array.from(alive, (_, index) =>
          JSON.stringify([{ type: 'text', text: `usr_${index} org_${index}` }]),
        ),
      );
      expect(mostKept).toBeLessThanOrEqual(KEPT);
      expect(alive).toHaveLength(2_000);
      expect(events).toHaveLength(2_000 - KEPT);
      setFlagsFromString('--expose-gc');
      const collect = runInNewContext('gc') as () => void;
      await pause(50);
      collect();
      await pause(50);
      collect();
      expect(alive.filter((instance) => instance.deref()).length).toBeLessThanOrEqual(KEPT + 5);
    } finally {
      await aerie.close();
    }
    expect(events).toHaveLength(2_000);
    expect(new Set(events).size).toBe(2_000);
  }, 120_000);
});

describe('when the server stops', () => {
  it('releases durable providers after their calls, and before their dependencies', async () => {
    const aerie = await startAerie({ modules: [TestTools] });
    const token = await aerie.token({ claims: { oid: 'org_last' } });
    const answer = post(aerie.url, token, message(toolCall('slow', { id: 'last' }))).then(resultText);
    await started('last');
    const closed = aerie.application.close();
    await pause(100);
    expect(events).toEqual(['+org_last']);
    running.get('last')?.();
    expect(await answer).toBe('org_last');
    await closed;
    expect(events).toEqual(['+org_last', '-org_last', 'store closed']);
    await aerie.close();
  });
});
