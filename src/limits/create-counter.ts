import { Logger } from '@nestjs/common';

import { asStep } from '../logging/steps.js';
import { withPatience } from '../redis/patience.js';
import type { Redis } from '../redis/redis.js';
import { connectionProblem } from '../values/connection-problem.js';
import type { Allowance } from './allowance.js';
import type { Charge } from './charge.js';
import type { Counter } from './counter.js';
import { LeasedCounter, type LeasedCounterOptions } from './leased-counter.js';
import { MemoryCounter } from './memory-counter.js';

/** Maximum number of budgets that one instance keeps in memory, about 20 MB. */
const MAX_BUDGETS = 100_000;

/** Delay before Redis is tried again after a failure. */
const RETRY_DELAY_MS = 200;

/** Time without a failure after which Redis is said to count again. A slow or full Redis fails several times a second. */
const STEADY_MS = 5_000;

/**
 * Creates a counter that shares counts with other instances in Redis. It counts in memory without Redis, or when Redis
 * does not answer in time. Counts in memory continue the latest answer of Redis and cover this instance only.
 */
export function createCounter(redis: Redis | undefined, options: LeasedCounterOptions): Counter {
  const memory = new MemoryCounter(MAX_BUDGETS);
  if (!redis) return memory;
  const shared = new LeasedCounter(redis, options);
  const logger = new Logger('Limits');
  let isAlone = false;
  let retryAt = 0;
  /** Whether the log says that Redis cannot count. */
  let isReported = false;
  let failedAt = 0;

  /** Charges in Redis, and in memory when Redis does not answer. */
  const ask = async (charges: readonly Charge[], tag: string): Promise<readonly Allowance[]> => {
    // A request that charges several budgets waits once for an unresponsive Redis, and most requests do not wait.
    if (redis.status !== 'ready') return failed(charges, 'not connected');
    if (performance.now() < retryAt) return alone(charges);
    try {
      const allowances = await asStep('count', () => withPatience(askRedis(charges, tag)), 'redis');
      isAlone = false;
      if (isReported && performance.now() - failedAt >= STEADY_MS) {
        isReported = false;
        logger.log('Redis counts limits again, across all instances.');
      }
      return allowances;
    } catch (error) {
      retryAt = performance.now() + RETRY_DELAY_MS;
      return failed(charges, connectionProblem(error));
    }
  };
  /** An answer that is too late for its charge is adopted too. */
  const askRedis = async (charges: readonly Charge[], tag: string): Promise<readonly Allowance[]> => {
    const allowances = await shared.ask(charges, tag);
    memory.adopt(allowances);
    return allowances;
  };
  const failed = (charges: readonly Charge[], problem: string): readonly Allowance[] => {
    failedAt = performance.now();
    if (!isReported)
      logger.warn(`Redis cannot count (${problem}). This instance counts limits on its own until it can.`);
    isReported = true;
    return alone(charges);
  };
  const alone = (charges: readonly Charge[]): readonly Allowance[] => {
    isAlone = true;
    return memory.charge(charges);
  };

  return {
    get isDegraded() {
      return isAlone;
    },
    charge: (charges, tag) => shared.charge(charges, (rest) => ask(rest, tag)),
    close: () => withPatience(shared.close()).catch(() => undefined),
  };
}
