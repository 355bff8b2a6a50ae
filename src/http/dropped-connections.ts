import { Logger } from '@nestjs/common';

import { oncePer } from '../values/once-per.js';

const REPORT_INTERVAL_MS = 60_000;

/** Counts connections beyond `MAX_CONNECTIONS`, which Node.js closes at once. Logs one line a minute at most. */
export class DroppedConnections {
  readonly #logger = new Logger('Http');
  readonly #isTimeToReport = oncePer(REPORT_INTERVAL_MS);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** @param limit maximum number of connections */
  add(limit: number): void {
    this.#count++;
    if (!this.#isTimeToReport()) return;
    this.#logger.error(
      `MAX_CONNECTIONS (${limit}) is reached: further connections are closed at once, ${this.#count} so far.`,
    );
  }
}

/** Dropped connections of this process. */
export const DROPPED_CONNECTIONS = new DroppedConnections();
