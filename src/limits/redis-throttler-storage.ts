import type { OnApplicationShutdown } from '@nestjs/common';
import type { ThrottlerStorage, ThrottlerStorageService } from '@nestjs/throttler';
import { z } from 'zod';

import { withPatience } from '../redis/patience.js';
import type { Redis } from '../redis/redis.js';

type Hits = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/** Counts a hit in a window that begins with the first hit. Atomic, so that every key expires. */
const COUNT = `
local hits = redis.call('incr', KEYS[1])
local left = redis.call('pttl', KEYS[1])
if left < 0 then
  redis.call('pexpire', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return {hits, left}`;
const counted = z.tuple([z.number(), z.number()]);

/** Throttler storage that instances share in Redis. While Redis is down or slow, each instance counts on its own. */
export class RedisThrottlerStorage implements ThrottlerStorage, OnApplicationShutdown {
  constructor(
    private readonly redis: Redis,
    private readonly fallback: ThrottlerStorageService,
  ) {}

  /** @param _blockDuration unused: the window blocks until it ends */
  async increment(
    key: string,
    ttl: number,
    limit: number,
    _blockDuration: number,
    throttlerName: string,
  ): Promise<Hits> {
    try {
      const [totalHits, left] = await this.#count(`aerie:${throttlerName}:${key}`, ttl);
      const timeToExpire = Math.max(1, Math.ceil(left / 1_000));
      const isBlocked = totalHits > limit;
      return { totalHits, timeToExpire, isBlocked, timeToBlockExpire: isBlocked ? timeToExpire : 0 };
    } catch {
      // The connection itself logs that Redis is down.
      return this.fallback.increment(key, ttl, limit, 0, throttlerName);
    }
  }

  onApplicationShutdown(): void {
    this.fallback.onApplicationShutdown();
  }

  async #count(key: string, ttl: number): Promise<[number, number]> {
    return counted.parse(await withPatience(this.redis.eval(COUNT, 1, key, ttl)));
  }
}
