import type { LineLog } from './line-log.js';

/** Maximum number of lines per window for requests of strangers. Each legitimate sign-in begins with one such request. */
const MAX_LINES = 600;
const WINDOW_MS = 60_000;

/**
 * Limits the lines for requests without a verified token. Otherwise, anybody could fill the log until it drops the
 * lines of others.
 */
export class StrangerLines {
  #start = 0;
  #lines = 0;
  #unlogged = 0;

  constructor(private readonly log: LineLog) {}

  /** Whether to log a request. Counts those that it rejects, and logs their number with the next request it accepts. */
  admit(): boolean {
    const now = performance.now();
    if (now - this.#start > WINDOW_MS) {
      this.#start = now;
      this.#lines = 0;
      if (this.#unlogged > 0) {
        this.log.warn({ requests: this.#unlogged }, 'requests without a valid token were not logged');
      }
      this.#unlogged = 0;
    }
    if (this.#lines < MAX_LINES) {
      this.#lines++;
      return true;
    }
    this.#unlogged++;
    return false;
  }
}
