import type { OnApplicationShutdown } from '@nestjs/common';
import type { ThrottlerStorage, ThrottlerStorageService } from '@nestjs/throttler';
import type { Redis } from 'ioredis';
import { z } from 'zod';

import { withPatience } from '../redis/patience.js';

type Record = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/** Counts a hit in a window that begins with its first; atomic, so that no key is ever left without an end. */
const COUNT = `
local hits = redis.call('incr', KEYS[1])
local left = redis.call('pttl', KEYS[1])
if left < 0 then
  redis.call('pexpire', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return {hits, left}`;
const counted = z.tuple([z.number(), z.number()]);

/** A throttler's storage that instances share; while Redis is away or slow, each counts for itself. */
export class RedisThrottlerStorage implements ThrottlerStorage, OnApplicationShutdown {
  constructor(
    private readonly redis: Redis,
    private readonly standIn: ThrottlerStorageService,
  ) {}

  /** @param _blockDuration none: who is over the limit is so until the window ends */
  async increment(
    key: string,
    ttl: number,
    limit: number,
    _blockDuration: number,
    throttlerName: string,
  ): Promise<Record> {
    try {
      const [totalHits, left] = await this.#count(`aerie:${throttlerName}:${key}`, ttl);
      const timeToExpire = Math.max(1, Math.ceil(left / 1_000));
      const isBlocked = totalHits > limit;
      return { totalHits, timeToExpire, isBlocked, timeToBlockExpire: isBlocked ? timeToExpire : 0 };
    } catch {
      // The connection itself reports that Redis is away.
      return this.standIn.increment(key, ttl, limit, 0, throttlerName);
    }
  }

  onApplicationShutdown(): void {
    this.standIn.onApplicationShutdown();
  }

  async #count(key: string, ttl: number): Promise<[number, number]> {
    return counted.parse(await withPatience(this.redis.eval(COUNT, 1, key, ttl)));
  }
}
