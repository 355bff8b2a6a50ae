import { monitorEventLoopDelay } from 'node:perf_hooks';

const WINDOW_MS = 60_000;
const NANOSECONDS = 1e9;

type Values = Pick<ReturnType<typeof monitorEventLoopDelay>, 'enable' | 'reset' | 'max' | 'percentile'>;

/**
 * Delays of the event loop in the last full minute and since, seconds. Each reader gets the same values, also of a delay
 * in which nobody could read.
 *
 * Node.js takes a sample whenever a timer of 10 ms fires, so a block of a second is one sample among those of all other
 * seconds: the percentile tells of delays that are frequent, the maximum of those that are long.
 */
export class EventLoopDelay {
  #start: number;
  #earlier = { max: 0, p99: 0 };

  /** @param now returns the time, milliseconds */
  constructor(
    private readonly values: Values = monitorEventLoopDelay(),
    private readonly now = (): number => performance.now(),
  ) {
    values.enable();
    this.#start = now();
  }

  get max(): number {
    this.#turn();
    return Math.max(this.#earlier.max, this.values.max / NANOSECONDS);
  }

  get p99(): number {
    this.#turn();
    return Math.max(this.#earlier.p99, this.values.percentile(99) / NANOSECONDS);
  }

  #turn(): void {
    const now = this.now();
    if (now - this.#start < WINDOW_MS) return;
    this.#earlier = { max: this.values.max / NANOSECONDS, p99: this.values.percentile(99) / NANOSECONDS };
    this.values.reset();
    this.#start = now;
  }
}
