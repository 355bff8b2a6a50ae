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
  #earlier = { max: 0, p99: 0 };

  constructor(private readonly values: Values = monitorEventLoopDelay()) {
    values.enable();
    setInterval(() => this.#turn(), WINDOW_MS).unref();
  }

  get max(): number {
    return Math.max(this.#earlier.max, this.values.max / NANOSECONDS);
  }

  get p99(): number {
    return Math.max(this.#earlier.p99, this.values.percentile(99) / NANOSECONDS);
  }

  #turn(): void {
    this.#earlier = { max: this.values.max / NANOSECONDS, p99: this.values.percentile(99) / NANOSECONDS };
    this.values.reset();
  }
}
