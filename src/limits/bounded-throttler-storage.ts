import type { ThrottlerStorage } from '@nestjs/throttler';

import { type Hits, hitsOf } from './throttler-hits.js';

/** Shared key of all addresses beyond the maximum. */
const OTHERS = 'others';

/** Minimum time between two searches of all windows, which take a millisecond for 50,000. */
const SEARCH_INTERVAL_MS = 1_000;

/** Hits of an address in a window that begins with the first hit. */
interface Window {
  hits: number;
  /** End of the window, on the clock of `performance.now()`, which nobody sets back. */
  readonly end: number;
}

/**
 * In-memory throttler storage with a maximum number of addresses. The built-in storage keeps each address until a
 * sweep, so a caller with many addresses could fill the memory between two sweeps. It also counts by the clock of the
 * system: after that is set back, it would block addresses for as long.
 */
export class BoundedThrottlerStorage implements ThrottlerStorage {
  /** Windows in the order in which they began. */
  readonly #windows = new Map<string, Window>();
  #nextSearch = 0;

  constructor(private readonly maxAddresses: number) {}

  /** Number of counted addresses. All those beyond the maximum count as one more. */
  get size(): number {
    return this.#windows.size;
  }

  increment(key: string, ttl: number, limit: number): Promise<Hits> {
    const now = performance.now();
    this.#deleteEnded(now);
    const hasRoom = this.#windows.has(key) || this.#windows.size < this.maxAddresses;
    const window = this.#windowOf(hasRoom ? key : OTHERS, now, ttl);
    // Further hits of a blocked address do not count, so a higher limit unblocks it.
    window.hits = Math.min(window.hits, limit) + 1;
    return Promise.resolve(hitsOf(window.hits, limit, window.end - now));
  }

  /**
   * Deletes windows that have ended. All are equally long, so the first ones end first. After a reload has made windows
   * shorter, a longer one may come before them, so all are searched when there is no room.
   */
  #deleteEnded(now: number): void {
    const searchesAll = this.#windows.size >= this.maxAddresses && now >= this.#nextSearch;
    if (searchesAll) this.#nextSearch = now + SEARCH_INTERVAL_MS;
    for (const [key, { end }] of this.#windows) {
      if (end <= now) this.#windows.delete(key);
      else if (!searchesAll) return;
    }
  }

  #windowOf(key: string, now: number, ttl: number): Window {
    const known = this.#windows.get(key);
    if (known && known.end > now) return known;
    const window = { hits: 0, end: now + ttl };
    this.#windows.delete(key); // the new one comes last
    this.#windows.set(key, window);
    return window;
  }
}
