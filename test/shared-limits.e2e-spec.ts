import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import { CallLimits } from '../src/limits/call-limits.js';
import { MemoryCounter } from '../src/limits/memory-counter.js';
import type { Redis } from '../src/redis/redis.js';
import { REDIS } from '../src/redis/redis.module.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { message, post, toolCall } from './support/rpc.js';
import { type RedisServer, startRedis } from './support/redis.js';
import { until } from './support/until.js';

const CALL = message(toolCall('whoami'));

describe('limits that instances share', () => {
  let redis: RedisServer;
  let instances: Aerie[] = [];
  beforeEach(async () => {
    redis = await startRedis();
  });
  afterEach(async () => {
    await Promise.all(instances.map((aerie) => aerie.close()));
    instances = [];
    await redis.stop();
  });

  const start = async (environment: NodeJS.ProcessEnv): Promise<Aerie> => {
    const aerie = await startAerie({ environment: { REDIS_URL: redis.url, ...environment } });
    instances.push(aerie);
    await connection(aerie, (status) => status === 'ready');
    return aerie;
  };
  const connection = async (aerie: Aerie, is: (status: string) => boolean): Promise<void> => {
    const client = aerie.application.get<Redis>(REDIS);
    await until(() => is(client.status));
  };
  /** Waits until Redis counts the calls of an instance again. */
  const shared = async (aerie: Aerie, token: string): Promise<void> =>
    until(async () => {
      await post(aerie.url, token, CALL);
      return !aerie.application.get(CallLimits).isDegraded;
    });
  const count = (statuses: readonly number[], status: number): number =>
    statuses.filter((one) => one === status).length;

  // The limit is per hour, so that none of it returns during the test.
  it('are counted together', async () => {
    const one = await start({ RATE_LIMIT_CALLER: '40/h' });
    // Uses one issuer, because the same subject of two issuers is two callers.
    const other = await start({
      RATE_LIMIT_CALLER: '40/h',
      SK_ENV_URL: one.issuer.url,
      RESOURCE_URL: one.url,
      MCP_PATH: '/mcp',
    });
    // Redis may answer late on a busy machine. Then an instance counts on its own, as it should, and another caller tries.
    const alone = jest.spyOn(MemoryCounter.prototype, 'charge');
    await until(async () => {
      const token = await one.token({ claims: { sub: `usr_${randomUUID()}` } });
      alone.mockClear();
      const statuses = await Promise.all(
        Array.from({ length: 100 }, async (_, i) => {
          const { url } = i % 2 === 0 ? one : other;
          return (await post(url, token, CALL)).status;
        }),
      );
      if (alone.mock.calls.length > 0) {
        await Promise.all([one, other].map((aerie) => shared(aerie, token)));
        return false;
      }
      expect(count(statuses, 200)).toBe(40);
      expect(count(statuses, 429)).toBe(60);
      return true;
    });
  });

  it('keep an organization’s budget when a caller exceeds their own limit', async () => {
    const aerie = await start({ RATE_LIMIT_CALLER: '10/min', RATE_LIMIT_ORGANIZATION: '50/min' });
    const greedy = await aerie.token();
    const batch = Array.from({ length: 10 }, (_, id) => message(toolCall('whoami', {}, id)));
    await Promise.all(Array.from({ length: 40 }, () => post(aerie.url, greedy, batch)));
    await Promise.all(Array.from({ length: 100 }, () => post(aerie.url, greedy, CALL)));
    const colleague = await aerie.token({ claims: { sub: 'usr_colleague' } });
    expect((await post(aerie.url, colleague, CALL)).status).toBe(200);
  });

  it('are counted together for invalid tokens too', async () => {
    const [one, other] = [
      await start({ RATE_LIMIT_INVALID_TOKENS: '10/min' }),
      await start({ RATE_LIMIT_INVALID_TOKENS: '10/min' }),
    ];
    const statuses: number[] = [];
    for (let i = 0; i < 15; i++) {
      statuses.push((await post((i % 2 === 0 ? one : other).url, 'bad', CALL)).status);
    }
    expect(statuses).toEqual([...Array(10).fill(401), ...Array(5).fill(429)]);
    expect((await post(one.url, await one.token(), CALL)).status).toBe(200);
  });

  it('keep the end of a window while calls continue', async () => {
    const aerie = await start({ RATE_LIMIT_CALLER: '2/s' });
    const token = await aerie.token();
    let refused = 0;
    const served = new Set<number>();
    const begin = Date.now();
    while (Date.now() - begin < 2_500) {
      const { status } = await post(aerie.url, token, CALL);
      if (status === 200) served.add(Math.floor((Date.now() - begin) / 1_000));
      else refused++;
      await pause(20);
    }
    expect(served.size).toBeGreaterThanOrEqual(2);
    expect(refused).toBeGreaterThan(10);
  });

  it('fail no call and stay in force when Redis restarts under load', async () => {
    const limit = 30;
    const limits = { RATE_LIMIT_CALLER: `${limit}/h`, RATE_LIMIT_ORGANIZATION: '1000/h' };
    const aerie = await start(limits);
    const token = await aerie.token();
    // Measures the duration of a call on this machine without Redis, at the same time.
    const alone = await startAerie({ environment: limits });
    instances.push(alone);
    const tokenOfAlone = await alone.token();
    const before = aerie.logs.length;
    let phase: 'up' | 'down' | 'again' = 'up';
    const end = new AbortController();
    const statuses = { up: [] as number[], down: [] as number[], again: [] as number[] };
    const slowest = { shared: 0, alone: 0 };

    const load = Array.from({ length: 8 }, async () => {
      while (!end.signal.aborted) {
        const [began, during] = [performance.now(), phase];
        const { status } = await post(aerie.url, token, CALL);
        slowest.shared = Math.max(slowest.shared, performance.now() - began);
        statuses[during].push(status);
        await pause(5);
      }
    });
    const loadOfAlone = Array.from({ length: 2 }, async () => {
      while (!end.signal.aborted) {
        const began = performance.now();
        await post(alone.url, tokenOfAlone, CALL);
        slowest.alone = Math.max(slowest.alone, performance.now() - began);
        await pause(5);
      }
    });
    /** Lets the load continue for a while, and until enough calls of the phase are refused. */
    const underLoad = async (): Promise<void> => {
      await pause(700);
      await until(() => count(statuses[phase], 429) > 20);
    };
    await underLoad();
    const stopped = performance.now();
    await redis.stop();
    await connection(aerie, (status) => status !== 'ready');
    phase = 'down';
    await underLoad();
    await redis.start();
    await connection(aerie, (status) => status === 'ready');
    const away = performance.now() - stopped;
    phase = 'again';
    await underLoad();
    end.abort();
    await Promise.all([...load, ...loadOfAlone]);

    const all = [...statuses.up, ...statuses.down, ...statuses.again];
    expect(all.filter((status) => status !== 200 && status !== 429)).toEqual([]);
    // Redis allows the limit once, and again without its data. The total can be slightly lower, because calls that
    // Redis counted without answering are counted twice.
    expect(count(all, 200)).toBeLessThanOrEqual(2 * limit);
    expect(count(all, 200)).toBeGreaterThan(2 * limit - 10);
    // No call waits until Redis is back.
    expect(slowest.shared - slowest.alone).toBeLessThan(away);
    const complaints = aerie.logs.slice(before).filter((line) => line.includes('cannot be reached'));
    expect(complaints).toHaveLength(1);
  });
});
