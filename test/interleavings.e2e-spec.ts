import type { Server } from 'node:http';

import type { Connect } from './interleavings/connection.js';
import { activeResources, heldBy, WatchedCollections } from './interleavings/leftovers.js';
import { MemoryConnection } from './interleavings/memory-connection.js';
import { RacingModule } from './interleavings/racing.tools.js';
import { Random } from './interleavings/random.js';
import { type Outcome, Schedule } from './interleavings/schedule.js';
import { SocketConnection } from './interleavings/socket-connection.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { ERAS, toolCall } from './support/rpc.js';
import { until } from './support/until.js';

/** `npm run test:interleavings` runs 100,000. SEED is the first seed, so several processes can share the work. */
const SCHEDULES = Number(process.env['SCHEDULES'] ?? 300);
const SEED = Number(process.env['SEED'] ?? 1);
/** Callers whose schedules run at the same time. */
const CALLERS = 20;
/** Number of schedules before an application is shut down during the last ones, and a new one starts. */
const SCHEDULES_PER_APPLICATION = Math.max(100, SCHEDULES / 100);
const SOCKET_SCHEDULES = 120;
/** Minimum share of requests that are answered. */
const MIN_ANSWERED = 1 / 3;

const start = (): Promise<Aerie> =>
  startAerie({
    modules: [RacingModule],
    isLogging: false,
    environment: {
      MCP_SESSIONS: 'on',
      MCP_SSE: 'on',
      SESSION_IDLE_TIMEOUT: '300ms',
      MAX_SESSIONS_PER_CALLER: '5',
      SHUTDOWN_TIMEOUT: '1s',
    },
  });

/** @param name prefix of each caller's name */
const tokensOf = (aerie: Aerie, name: string): Promise<string[]> =>
  Promise.all(
    Array.from({ length: CALLERS }, (_none, index) =>
      aerie.token({ claims: { sub: `${name}_${index}`, oid: `org_${name}_${index}` } }),
    ),
  );

/** Waits until the application holds nothing, and fails with the leftovers. */
async function expectNothingHeld({ application }: Aerie): Promise<void> {
  const isEmpty = (): boolean => Object.values(heldBy(application)).every((held) => held === 0);
  await until(isEmpty, 5_000).catch(() => {});
  const nothing = Object.keys(heldBy(application)).map((name) => [name, 0]);
  expect(heldBy(application)).toEqual(Object.fromEntries(nothing));
}

/** Waits until no more timers and connections are active than before, and fails if some are. */
async function expectNoneActiveBut(before: ReturnType<typeof activeResources>): Promise<void> {
  const excess = (): object => ({
    timers: Math.max(0, activeResources().timers - before.timers),
    connections: Math.max(0, activeResources().connections - before.connections),
  });
  await until(() => Object.values(excess()).every((count) => count === 0), 5_000).catch(() => {});
  expect(excess()).toEqual({ timers: 0, connections: 0 });
}

/** Waits until no collection has more entries than before, and fails with the larger ones. */
async function expectNoneGrown(
  collections: WatchedCollections,
  before: Readonly<Record<string, number>>,
): Promise<void> {
  const grown = (): object[] =>
    Object.entries(collections.entries()).filter(([place, entries]) => entries > (before[place] ?? 0));
  await until(() => grown().length === 0, 5_000).catch(() => {});
  expect(grown()).toEqual([]);
}

/** Checks that enough requests reach the server. Otherwise the schedules test nothing. */
function expectMostAnswered(outcomes: readonly Outcome[]): void {
  const sum = (part: keyof Outcome): number => outcomes.reduce((all, outcome) => all + outcome[part], 0);
  expect(sum('answered')).toBeGreaterThanOrEqual(sum('sent') * MIN_ANSWERED);
}

/**
 * Runs schedules: each caller's one after another, and those of all callers at once.
 *
 * @param interrupt is called once, in the middle
 */
async function runAll(
  seeds: readonly number[],
  connect: Connect,
  tokens: readonly string[],
  interrupt?: () => void,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const runOwn = async (token: string, caller: number): Promise<void> => {
    for (const [index, seed] of seeds.entries()) {
      if (index % tokens.length !== caller) continue;
      const schedule = new Schedule(new Random(SEED + seed), connect, token);
      outcomes.push(await schedule.run(index === 0 ? interrupt : undefined));
    }
  };
  await Promise.all(tokens.map(runOwn));
  return outcomes;
}

/** Runs schedules against one application, and shuts it down in the middle of the last ones. */
async function liveThrough(seeds: readonly number[], connectTo: (aerie: Aerie) => Connect): Promise<void> {
  const aerie = await start();
  const tokens = await tokensOf(aerie, 'usr');
  const connect = connectTo(aerie);
  let closed: Promise<void> | undefined;
  try {
    expectMostAnswered(await runAll(seeds.slice(0, -CALLERS), connect, tokens));
    await expectNothingHeld(aerie);
    await runAll(seeds.slice(-CALLERS), connect, tokens, () => {
      closed = aerie.application.close();
    });
    await closed;
    await expectNothingHeld(aerie);
  } finally {
    await closed;
    await aerie.close();
  }
}

const inMemory = ({ application }: Aerie): Connect => {
  const server: Server = application.getHttpServer();
  return () => new MemoryConnection(server);
};
const overSockets = ({ url }: Aerie): Connect => {
  const port = Number(new URL(url).port);
  return () => new SocketConnection(port);
};
const seedsFrom = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_none, index) => first + index);

describe('requests, cancellations, disconnects, ends and a shutdown in any order', () => {
  let before: ReturnType<typeof activeResources>;
  beforeAll(async () => {
    await liveThrough(seedsFrom(0, CALLERS), inMemory); // opens what stays open for the process
    before = activeResources();
  });
  afterEach(() => expectNoneActiveBut(before));

  it(
    `leave nothing behind, in ${SCHEDULES} schedules`,
    async () => {
      for (let first = 0; first < SCHEDULES; first += SCHEDULES_PER_APPLICATION) {
        await liveThrough(seedsFrom(first, Math.min(SCHEDULES_PER_APPLICATION, SCHEDULES - first)), inMemory);
      }
    },
    60_000 + SCHEDULES * 20,
  );

  it(`leave nothing behind over sockets, in ${SOCKET_SCHEDULES} schedules`, async () => {
    await liveThrough(seedsFrom(0, SOCKET_SCHEDULES), overSockets);
  }, 120_000);

  it('leave no entry behind in any Map or Set', async () => {
    const collections = new WatchedCollections();
    const aerie = await start();
    try {
      const connect = inMemory(aerie);
      // All that is made once is made before the count: for all callers, and then for each that is counted.
      await runAll(seedsFrom(0, 3 * CALLERS), connect, await tokensOf(aerie, 'other'));
      const tokens = await tokensOf(aerie, 'usr');
      for (const token of tokens) {
        for (const [, ask] of ERAS) expect((await ask(aerie.url, token, toolCall('quick'))).status).toBe(200);
      }
      await expectNothingHeld(aerie);
      const calm = collections.entries();
      expectMostAnswered(await runAll(seedsFrom(3 * CALLERS, 4 * CALLERS), connect, tokens));
      await expectNothingHeld(aerie);
      await expectNoneGrown(collections, calm);
    } finally {
      collections.stop();
      await aerie.close();
    }
  }, 120_000);
});
