import { Logger } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';

import { withPatience } from '../redis/patience.js';
import type { Counter } from './counter.js';
import { MemoryCounter } from './memory-counter.js';

/** Maximum number of budgets that one instance keeps in memory: some 20 MB. */
const MAX_BUDGETS = 100_000;

/** How long Redis is not asked after it failed to answer, milliseconds. */
const RETRY = 200;

/**
 * One counter serves all budgets: the key says which, and the window goes with each charge. It only counts,
 * and whoever charges compares, so its own limit is out of reach.
 */
const COUNTER = { keyPrefix: 'aerie:limit', points: Number.MAX_SAFE_INTEGER, duration: 60 };

/**
 * Counts charges: in Redis, together with all instances, or in memory, where there is no Redis, or none that
 * answers in time. The stand-in has the limits of one instance and starts from nothing.
 */
export function createCounter(redis: Redis | undefined): Counter {
  const memory = new MemoryCounter(MAX_BUDGETS);
  if (!redis) return memory;
  const shared = new RateLimiterRedis({ ...COUNTER, storeClient: redis, rejectIfRedisNotReady: true });
  const logger = new Logger('Limits');
  let alone = false;
  let retryAt = 0;
  // Not the limiter's own `insuranceLimiter`: it would wait as long as the connection does, and count a charge
  // again that the stand-in took when patience ended.
  return {
    consume: async (key, points, seconds) => {
      // So that a request that asks several budgets waits for a silent Redis once, and most do not wait at all.
      if (performance.now() < retryAt) return memory.consume(key, points, seconds);
      try {
        const counted = await withPatience(shared.consume(key, points, { customDuration: seconds }));
        if (alone) logger.log('Limits are counted together with other instances again.');
        alone = false;
        return { consumed: counted.consumedPoints, untilReset: counted.msBeforeNext };
      } catch {
        if (!alone) logger.warn('Redis does not count: this instance counts limits for itself.');
        alone = true;
        retryAt = performance.now() + RETRY;
        return memory.consume(key, points, seconds);
      }
    },
    giveBack: (key, points, seconds) => {
      withPatience(shared.reward(key, points, { customDuration: seconds })).catch(() =>
        memory.giveBack(key, points),
      );
    },
  };
}
