import type { ThrottlerStorage } from '@nestjs/throttler';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';

import { withPatience } from '../redis/patience.js';
import type { Redis } from '../redis/redis.js';
import { type Hits, hitsOf } from './throttler-hits.js';

/** Counts a hit in a window that begins with the first hit. Atomic, so that every key expires. */
const COUNT = `
local hits = redis.call('incr', KEYS[1])
local left = redis.call('pttl', KEYS[1])
if left < 0 then
  redis.call('pexpire', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return {hits, left}`;

/** Address that Redis has blocked. */
interface Blocked {
  readonly totalHits: number;
  /** End of the window, on the clock of `performance.now()`. */
  readonly until: number;
}

const counted = z.tuple([z.number(), z.number()]);

/** Maximum number of blocked addresses that one instance remembers. */
const MAX_BLOCKED = 10_000;

/**
 * Throttler storage that instances share in Redis. Each instance remembers the addresses that Redis has blocked, and
 * does not ask Redis about them again. While Redis is down or slow, each instance counts on its own.
 */
export class RedisThrottlerStorage implements ThrottlerStorage {
  readonly #blocked = new LRUCache<string, Blocked>({ maxSize: MAX_BLOCKED, sizeCalculation: () => 1 });

  constructor(
    private readonly redis: Redis,
    private readonly fallback: ThrottlerStorage,
  ) {}

  /** @param _blockDuration unused: the window blocks until it ends */
  async increment(
    key: string,
    ttl: number,
    limit: number,
    _blockDuration: number,
    throttlerName: string,
  ): Promise<Hits> {
    const shared = `aerie:${throttlerName}:${key}`;
    const blocked = this.#blockedHits(shared, limit);
    if (blocked) return blocked;
    try {
      const [totalHits, left] = await this.#count(shared, ttl);
      if (totalHits > limit) this.#blocked.set(shared, { totalHits, until: performance.now() + left });
      return hitsOf(totalHits, limit, left);
    } catch {
      // The connection itself logs that Redis is down.
      return this.fallback.increment(key, ttl, limit, 0, throttlerName);
    }
  }

  /** Returns the hits of a blocked address; undefined if its window has ended or the limit was raised above them. */
  #blockedHits(shared: string, limit: number): Hits | undefined {
    const blocked = this.#blocked.get(shared);
    if (!blocked || blocked.totalHits <= limit) return undefined;
    const left = blocked.until - performance.now();
    return left > 0 ? hitsOf(blocked.totalHits, limit, left) : undefined;
  }

  async #count(key: string, ttl: number): Promise<[number, number]> {
    return counted.parse(await withPatience(this.redis.eval(COUNT, 1, key, ttl)));
  }
}
