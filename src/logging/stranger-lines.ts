import { AsyncLocalStorage } from 'node:async_hooks';

import type { LineLog } from './line-log.js';
import type { Reason } from './reason.js';
import { StrangerShare } from './stranger-share.js';

const WINDOW_MS = 60_000;

/** Limits the lines for requests without a verified token, and logs how many each minute left out. */
export class StrangerLines {
  #start = 0;
  readonly #share = new StrangerShare();
  #unlogged = 0;
  /** Number of unlogged requests by reason. Reasons are few. */
  #reasons: Partial<Record<Reason, number>> = {};

  /** Runs a function outside of any request, whose trace the line would otherwise name. */
  readonly #outside = AsyncLocalStorage.snapshot();

  constructor(private readonly log: LineLog) {}

  /** Whether to log a request. Counts those that it rejects. */
  admit(address: string | undefined, reason: Reason | undefined): boolean {
    const now = performance.now();
    if (now - this.#start > WINDOW_MS) {
      this.#start = now;
      this.#share.reset();
    }
    if (this.#share.take(address)) return true;
    // The last requests of an attack have none after them, with which their number could be logged.
    if (this.#unlogged++ === 0) {
      setTimeout(() => this.#outside(() => this.#report()), this.#start + WINDOW_MS - now).unref();
    }
    if (reason !== undefined) this.#reasons[reason] = (this.#reasons[reason] ?? 0) + 1;
    return false;
  }

  #report(): void {
    const fields = { requests: this.#unlogged, reasons: this.#reasons };
    this.#unlogged = 0;
    this.#reasons = {};
    this.log.warn(fields, 'requests without a valid token were not logged');
  }
}
