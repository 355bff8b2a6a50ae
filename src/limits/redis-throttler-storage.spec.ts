import type { Redis } from '../redis/redis.js';
import { BoundedThrottlerStorage } from './bounded-throttler-storage.js';
import { RedisThrottlerStorage } from './redis-throttler-storage.js';

const TTL_MS = 60_000;
const LIMIT = 3;

describe('RedisThrottlerStorage', () => {
  let hits: number;
  let storage: RedisThrottlerStorage;
  const evaluate = jest.fn(() => Promise.resolve([++hits, TTL_MS]));
  const increment = (limit = LIMIT): ReturnType<RedisThrottlerStorage['increment']> =>
    storage.increment('192.0.2.7', TTL_MS, limit, 0, 'invalid-tokens');
  const exceed = async (): Promise<void> => {
    for (let hit = 0; hit <= LIMIT; hit++) await increment();
  };
  beforeEach(() => {
    jest.useFakeTimers();
    hits = 0;
    evaluate.mockClear();
    const redis = { eval: evaluate } as unknown as Redis;
    storage = new RedisThrottlerStorage(redis, new BoundedThrottlerStorage(10));
  });
  afterEach(() => void jest.useRealTimers());

  it('asks Redis no more about a blocked address until the window ends', async () => {
    await exceed();
    jest.advanceTimersByTime(TTL_MS / 2);
    expect(await increment()).toEqual({
      totalHits: LIMIT + 1,
      timeToExpire: 30,
      isBlocked: true,
      timeToBlockExpire: 30,
    });
    expect(evaluate).toHaveBeenCalledTimes(LIMIT + 1);
    jest.advanceTimersByTime(TTL_MS / 2);
    hits = 0;
    expect((await increment()).isBlocked).toBe(false);
    expect(evaluate).toHaveBeenCalledTimes(LIMIT + 2);
  });

  it('asks Redis about a blocked address once the limit is raised', async () => {
    await exceed();
    expect(await increment(10)).toMatchObject({ totalHits: LIMIT + 2, isBlocked: false });
  });
});
