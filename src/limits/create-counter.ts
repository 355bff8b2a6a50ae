import { Logger } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';

import { asStep } from '../logging/steps.js';
import { withPatience } from '../redis/patience.js';
import type { Counter } from './counter.js';
import { MemoryCounter } from './memory-counter.js';

/** Maximum number of budgets that one instance keeps in memory, about 20 MB. */
const MAX_BUDGETS = 100_000;

/** Delay before Redis is tried again after a failure. */
const RETRY_DELAY_MS = 200;

/**
 * Options of the one counter for all budgets. Each charge has its own key and window. The counter only counts and
 * callers compare, so its own limit is never reached.
 */
const COUNTER = { points: Number.MAX_SAFE_INTEGER, duration: 60 };

/**
 * Creates a counter that shares counts with other instances in Redis. It counts in memory without Redis, or when Redis
 * does not answer in time. Counts in memory start at zero and cover this instance only.
 *
 * @param prefix prefix of the counter's keys in Redis, after Aerie's own
 */
export function createCounter(redis: Redis | undefined, prefix = ''): Counter {
  const memory = new MemoryCounter(MAX_BUDGETS);
  if (!redis) return memory;
  const shared = new RateLimiterRedis({
    ...COUNTER,
    keyPrefix: `aerie:${prefix}limit`,
    storeClient: redis,
    rejectIfRedisNotReady: true,
  });
  const logger = new Logger('Limits');
  let isAlone = false;
  let retryAt = 0;
  // The limiter's `insuranceLimiter` would wait for the timeout of the connection. It would also count a charge twice
  // that was counted in memory after the shorter timeout here.
  return {
    get isDegraded() {
      return isAlone;
    },
    consume: async (key, points, seconds) => {
      // A request that charges several budgets waits once for an unresponsive Redis, and most requests do not wait.
      if (performance.now() < retryAt) return memory.consume(key, points, seconds);
      try {
        const counted = await asStep(
          'count',
          () => withPatience(shared.consume(key, points, { customDuration: seconds })),
          'redis',
        );
        if (isAlone) logger.log('Redis counts limits again, across all instances.');
        isAlone = false;
        return { consumed: counted.consumedPoints, untilReset: counted.msBeforeNext };
      } catch {
        if (!isAlone)
          logger.warn('Redis does not answer. This instance counts limits on its own until it does.');
        isAlone = true;
        retryAt = performance.now() + RETRY_DELAY_MS;
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
