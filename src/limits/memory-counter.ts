import { LRUCache } from 'lru-cache';

import { type Allowance, allowanceOf } from './allowance.js';
import type { Charge } from './charge.js';
import type { Counter } from './counter.js';

/** Points spent from a budget. */
interface Window {
  consumed: number;
  /** End of the window, on the clock of `performance.now()`, which nobody sets back. */
  readonly end: number;
}

/** Counts in memory for a maximum number of budgets. An evicted one, the least recently used, starts a new window. */
export class MemoryCounter implements Counter {
  readonly #windows: LRUCache<string, Window>;

  /** @param max number of budgets */
  constructor(max: number) {
    // With `max`, the cache would allocate all of its memory at startup.
    this.#windows = new LRUCache({ maxSize: max, sizeCalculation: () => 1 });
  }

  charge(charges: readonly Charge[]): Allowance[] {
    const now = performance.now();
    const allowances: Allowance[] = [];
    for (const charge of charges) {
      const window = this.#windowOf(charge, now);
      window.consumed += charge.points;
      const allowance = allowanceOf(charge, window.consumed, window.end - now);
      allowances.push(allowance);
      if (allowance.refused) {
        for (const { charge: paid } of allowances) this.#windowOf(paid, now).consumed -= paid.points;
        return [allowance];
      }
    }
    return allowances;
  }

  /**
   * Continues the counts of Redis. A higher count of an open window is kept, because Redis does not know what was
   * charged without it.
   */
  adopt(allowances: readonly Allowance[]): void {
    const now = performance.now();
    for (const { charge, refused, remaining, reset } of allowances) {
      const { key, rate, points } = charge;
      // A refusal says only that fewer points were left than the charge needed.
      const consumed = refused ? rate.points - points + 1 : rate.points - remaining;
      const window = this.#windows.get(key);
      if (window && window.end > now) window.consumed = Math.max(window.consumed, consumed);
      else this.#windows.set(key, { consumed, end: now + reset * 1_000 });
    }
  }

  #windowOf({ key, rate }: Charge, now: number): Window {
    let window = this.#windows.get(key);
    if (!window || window.end <= now) {
      window = { consumed: 0, end: now + rate.window * 1_000 };
      this.#windows.set(key, window);
    }
    return window;
  }
}
