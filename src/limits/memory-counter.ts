import { LRUCache } from 'lru-cache';

import type { Counted, Counter } from './counter.js';

/** Counts in memory for a maximum number of keys. An evicted key, the least recently used, starts a new window. */
export class MemoryCounter implements Counter {
  readonly #windows: LRUCache<string, { consumed: number; readonly end: number }>;

  /** @param max number of keys */
  constructor(max: number) {
    // With `max`, the cache would allocate all of its memory at startup.
    this.#windows = new LRUCache({ maxSize: max, sizeCalculation: () => 1 });
  }

  consume(key: string, points: number, seconds: number): Counted {
    const now = Date.now();
    let window = this.#windows.get(key);
    if (!window || window.end <= now) {
      window = { consumed: 0, end: now + seconds * 1_000 };
      this.#windows.set(key, window);
    }
    window.consumed += points;
    return { consumed: window.consumed, untilReset: window.end - now };
  }

  giveBack(key: string, points: number): void {
    const window = this.#windows.get(key);
    if (window) window.consumed -= points;
  }
}
