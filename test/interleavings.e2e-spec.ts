import type { Server } from 'node:http';

import type { Connect } from './interleavings/connection.js';
import { activeResources, heldBy, WatchedCollections } from './interleavings/leftovers.js';
import { MemoryConnection } from './interleavings/memory-connection.js';
import { RacingModule } from './interleavings/racing.tools.js';
import { Random } from './interleavings/random.js';
import { Schedule } from './interleavings/schedule.js';
import { SocketConnection } from './interleavings/socket-connection.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { until } from './support/sessions.js';

/** `npm run test:interleavings` runs 100,000. SEED is the first one's, so several processes can share them. */
const SCHEDULES = Number(process.env['SCHEDULES'] ?? 300);
const SEED = Number(process.env['SEED'] ?? 1);
/** Callers whose schedules run at the same time. */
const CALLERS = 20;
/** Schedules until an application is shut down in the middle of them, and another one started. */
const SCHEDULES_PER_APPLICATION = Math.max(100, SCHEDULES / 100);
const SOCKET_SCHEDULES = 200;

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

const tokensOf = (aerie: Aerie): Promise<string[]> =>
  Promise.all(
    Array.from({ length: CALLERS }, (_none, index) =>
      aerie.token({ claims: { sub: `usr_${index}`, oid: `org_${index}` } }),
    ),
  );

/** Waits until nothing is held any more, and fails with what still is. */
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

/**
 * Runs schedules against one application, and shuts it down in the middle of the last ones.
 *
 * @param seeds of the schedules
 * @param whileIdle is called when all but the last schedules have ended and nothing is held
 */
async function liveThrough(
  seeds: readonly number[],
  connectTo: (aerie: Aerie) => Connect,
  whileIdle?: (when: 'after some' | 'after most') => void,
): Promise<void> {
  const aerie = await start();
  const tokens = await tokensOf(aerie);
  const connect = connectTo(aerie);
  const runTogether = (first: number, interrupt?: () => void): Promise<unknown> =>
    Promise.all(
      seeds
        .slice(first, first + CALLERS)
        .map((seed, index) =>
          new Schedule(new Random(SEED + seed), connect, tokens[index] ?? '').run(
            index === 0 ? interrupt : undefined,
          ),
        ),
    );
  const last = seeds.length - CALLERS;
  let closed: Promise<void> | undefined;
  try {
    for (let first = 0; first < last; first += CALLERS) {
      await runTogether(first);
      if (!whileIdle || first !== 2 * CALLERS) continue;
      await expectNothingHeld(aerie);
      whileIdle('after some');
    }
    await expectNothingHeld(aerie);
    whileIdle?.('after most');
    await runTogether(last, () => {
      closed = aerie.application.close();
    });
    await closed;
    await expectNothingHeld(aerie);
  } finally {
    await (closed ? aerie.issuer.close() : aerie.close());
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
    const entries: number[] = [];
    try {
      await liveThrough(seedsFrom(0, 160), inMemory, () => void entries.push(collections.entries()));
    } finally {
      collections.stop();
    }
    expect(entries[1]).toBe(entries[0]);
  }, 120_000);
});
