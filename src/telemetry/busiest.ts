const WINDOW_MS = 60_000;
/** Maximum number of keys that are counted at a time. */
const MAX_KEYS = 1_000;

/**
 * Counts events by key, and tells only how many the busiest key had in the last full minute. Metrics can say that one
 * address or organization does far more than usual, without naming any.
 *
 * Keys are bounded by the algorithm of Misra and Gries: a key with more than a thousandth of the events is never missed,
 * and its count is too low by less than that share.
 */
export class Busiest {
  readonly #counts = new Map<string, number>();
  #windowEnd: number;
  #latest = 0;

  /** @param now returns the time, milliseconds */
  constructor(private readonly now = (): number => performance.now()) {
    this.#windowEnd = now() + WINDOW_MS;
  }

  /** Number of events of the busiest key in the last full minute. */
  get events(): number {
    this.#turn();
    return this.#latest;
  }

  add(key: string): void {
    this.#turn();
    const count = this.#counts.get(key);
    if (count === undefined && this.#counts.size >= MAX_KEYS) this.#takeOneOfEach();
    else this.#counts.set(key, (count ?? 0) + 1);
  }

  /** Makes room. Each event is taken at most once, so this costs little per event. */
  #takeOneOfEach(): void {
    for (const [key, count] of this.#counts) {
      if (count > 1) this.#counts.set(key, count - 1);
      else this.#counts.delete(key);
    }
  }

  /** Begins a new window when the minute is over. */
  #turn(): void {
    const now = this.now();
    if (now < this.#windowEnd) return;
    // Nothing was counted in the last full minute if more than a minute has passed since the end of the window.
    this.#latest = now < this.#windowEnd + WINDOW_MS ? Math.max(0, ...this.#counts.values()) : 0;
    this.#counts.clear();
    this.#windowEnd = now + WINDOW_MS;
  }
}
