import type { LineLog } from '../logging/line-log.js';
import { oncePer } from '../values/once-per.js';
import { traceOf } from '../values/trace-of.js';

/** Minimum time between two lines. A faulty observer may fail for each request. */
const REPORT_INTERVAL_MS = 60_000;

/** Keeps the faults of observers from requests, and logs them. */
export class ObserverFaults {
  readonly #isTimeToReport = oncePer(REPORT_INTERVAL_MS);

  constructor(private readonly log: LineLog) {}

  /** Runs a step of an observer, and returns its result, or undefined if it fails. */
  attempt<Result>(step: () => Result): Result | undefined {
    try {
      const result = step();
      this.watch(result);
      return result;
    } catch (error) {
      this.report(error);
      return undefined;
    }
  }

  /** Reports the rejection of an async method, which is assignable to one that returns nothing. It would stop the process. */
  watch(result: unknown): void {
    if (result instanceof Promise) result.catch((error: unknown) => this.report(error));
  }

  report(error: unknown): void {
    if (this.#isTimeToReport()) this.log.error({ error: traceOf(error) }, 'an observer failed');
  }
}
