import { Logger } from '@nestjs/common';

const WINDOW_MS = 60_000;

/** Counts connections beyond `MAX_CONNECTIONS`, which Node.js closes at once. Logs one line a minute at most. */
export class DroppedConnections {
  readonly #logger = new Logger('Http');
  #count = 0;
  #loggedAt = -Infinity;

  get count(): number {
    return this.#count;
  }

  /** @param limit maximum number of connections */
  add(limit: number): void {
    this.#count++;
    const now = performance.now();
    if (now - this.#loggedAt < WINDOW_MS) return;
    this.#loggedAt = now;
    this.#logger.error(
      `MAX_CONNECTIONS (${limit}) is reached: further connections are closed at once, ${this.#count} so far.`,
    );
  }
}

/** Dropped connections of this process. */
export const DROPPED_CONNECTIONS = new DroppedConnections();
