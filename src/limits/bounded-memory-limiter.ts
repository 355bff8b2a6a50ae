import { LRUCache } from 'lru-cache';
import { type IRateLimiterOptions, RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';

type Options = Parameters<RateLimiterMemory['consume']>[2];

/**
 * Counts in memory, and never for more than so many keys.
 *
 * `RateLimiterMemory` forgets a key when its window ends (a timer for each), but within a window it holds as
 * many as come: half a kilobyte for each, half a gigabyte for a million callers. Here the key that has not been
 * used for longest makes room, which starts a new window for it.
 */
export class BoundedMemoryLimiter extends RateLimiterMemory {
  readonly #keys: LRUCache<string, true>;

  constructor(options: IRateLimiterOptions, most: number) {
    super(options);
    this.#keys = new LRUCache<string, true>({
      max: most,
      dispose: (_value, key, reason) => {
        if (reason === 'evict') void this.delete(key);
      },
    });
  }

  override consume(key: string | number, points?: number, options?: Options): Promise<RateLimiterRes> {
    this.#keys.set(String(key), true);
    return super.consume(key, points, options);
  }

  override reward(key: string | number, points?: number, options?: Options): Promise<RateLimiterRes> {
    this.#keys.set(String(key), true);
    return super.reward(key, points, options);
  }
}
