import { Agent, request as send } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { OpenStreams } from '../src/mcp/events/open-streams.js';
import { McpSessions } from '../src/mcp/sessions/mcp-sessions.js';
import { SessionRegistry } from '../src/mcp/sessions/session-registry.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { initialize, openSession, RawSession } from './support/sessions.js';
import { until } from './support/until.js';

const SESSIONS = 2_500;
const STREAMS = 250;
const IDLE_TIMEOUT_MS = 60_000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes in use after garbage collection. */
async function heapUsed(): Promise<number> {
  // Closed resources are released in the next turns of the event loop.
  for (let turn = 0; turn < 2; turn++) {
    await pause(50);
    collectGarbage();
  }
  return process.memoryUsage().heapUsed;
}

/** Opens a session quickly over one of a few connections, and resolves with its id. */
function openOver(agent: Agent, url: string, token: string, request: object = initialize()): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    };
    send(url, { method: 'POST', agent, headers }, (response) => {
      response.resume().once('end', () => resolve(String(response.headers['mcp-session-id'])));
    })
      .once('error', reject)
      .end(JSON.stringify(request));
  });
}

describe('declarations of clients', () => {
  it('are not kept in memory: 300 sessions with 15 MB of capabilities and names', async () => {
    const aerie = await startAerie({
      environment: { MCP_SESSIONS: 'on', MAX_SESSIONS_PER_CALLER: '2000' },
    });
    const token = await aerie.token();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const open = (text: string): Promise<string> => {
      const request = initialize(undefined, { experimental: { text: { text } } }) as { params: object };
      const clientInfo = { name: text, version: '1' };
      return openOver(agent, aerie.url, token, { ...request, params: { ...request.params, clientInfo } });
    };
    const openMany = async (sessions: number, characters: number): Promise<void> => {
      for (let session = 0; session < sessions; session++) {
        await open(`${session}`.padEnd(characters, 'x'));
      }
    };
    let used: number;
    /** Opens sessions, and returns the memory of each in bytes. */
    const memoryOfEach = async (sessions: number, characters: number): Promise<number> => {
      const before = used;
      await openMany(sessions, characters);
      used = await heapUsed();
      return (used - before) / sessions;
    };
    try {
      await openMany(50, 10);
      used = await heapUsed();
      let ordinary = await memoryOfEach(300, 10);
      // Negative while memory of an earlier spec of this Jest worker is released.
      while (ordinary < 0) ordinary = await memoryOfEach(300, 10);
      // Sessions that kept declarations would do so both times. Something else of this process may grow once.
      const large = Math.min(await memoryOfEach(300, 25_000), await memoryOfEach(300, 25_000));
      expect(large - ordinary).toBeLessThan(5_000);
    } finally {
      agent.destroy();
      await aerie.close();
    }
  }, 60_000);
});

describe('abandoned sessions and streams', () => {
  let aerie: Aerie;
  beforeAll(async () => {
    // Time stands still while the sessions are opened, however long that takes. Tokens and HTTP keep the real time.
    jest.useFakeTimers({ doNotFake: ['Date', 'hrtime', 'nextTick', 'queueMicrotask', 'setImmediate'] });
    aerie = await startAerie({
      environment: {
        MCP_SESSIONS: 'on',
        SESSION_IDLE_TIMEOUT: `${IDLE_TIMEOUT_MS}ms`,
        MAX_SESSIONS: `${2 * SESSIONS}`,
        MAX_SESSIONS_PER_CALLER: `${2 * SESSIONS}`,
      },
    });
  });
  afterAll(async () => {
    jest.useRealTimers();
    await aerie.close();
  });

  it('are released after the idle timeout: 2,500 sessions and 250 streams', async () => {
    const token = await aerie.token();
    const registry = aerie.application.get(SessionRegistry);
    const streams = aerie.application.get(OpenStreams);
    const warm = await openSession(aerie.url, token);
    await (await warm.listen()).abandon();
    await warm.delete();
    while (streams.size > 0) await pause(10);
    const before = await heapUsed();

    const agent = new Agent({ keepAlive: true, maxSockets: 32 });
    const opened: string[] = [];
    let begun = 0;
    const openMany = async (): Promise<void> => {
      while (begun++ < SESSIONS) opened.push(await openOver(agent, aerie.url, token));
    };
    await Promise.all(Array.from({ length: 32 }, openMany));
    agent.destroy();
    expect(new Set(opened).size).toBe(SESSIONS);

    const recent = opened.slice(-STREAMS).map((id) => new RawSession(aerie.url, token, id));
    const listening = await Promise.all(recent.map((session) => session.get()));
    expect(new Set(listening.map(({ status }) => status))).toEqual(new Set([200]));
    // Half of the streams lose their connection. The others stay connected, but their clients never read.
    await Promise.all(listening.slice(STREAMS / 2).map(async ({ body }) => body?.cancel()));
    const [peak, sessionsAtPeak] = [await heapUsed(), registry.size];

    // Each client may listen for a tenth of the idle timeout. Ten checks run within the idle timeout.
    await jest.advanceTimersByTimeAsync(1.3 * IDLE_TIMEOUT_MS);
    jest.useRealTimers();
    await until(() => registry.size === 0);
    await until(() => streams.size === 0);
    expect(aerie.application.get(McpSessions).keptEvents).toBe(0);
    await Promise.all(listening.splice(0, STREAMS / 2).map((response) => response.text()));
    listening.length = 0;
    const held = (await heapUsed()) - before;
    expect(sessionsAtPeak).toBe(SESSIONS);
    expect(held).toBeLessThan((peak - before) / 5);
  }, 60_000);
});
