import { Logger } from '@nestjs/common';

import { connectionProblem } from '../values/connection-problem.js';
import type { DatabaseTrouble, DatabaseUnavailableError } from './unavailable.js';

/** Time without a failure after which the database counts as usable again. Doubles with each relapse. */
const MIN_QUIET_MS = 1_000;
const MAX_QUIET_MS = 60_000;
/** Time after a recovery during which another failure is a relapse. */
const RELAPSE_MS = 300_000;

/** Troubles in which reading works, so that only a change proves the recovery. */
const NEEDS_CHANGE: ReadonlySet<DatabaseTrouble> = new Set(['disk_full', 'read_only']);

/**
 * Tracks whether the database can be used, by the outcomes of transactions and checks.
 *
 * Near a limit, such as that on connections, successes and failures alternate. So the state changes back only after a
 * quiet time, and the log gets one line for each trouble of an outage, and one for its end.
 */
export class Availability {
  readonly #logger = new Logger('Database');
  readonly #told = new Set<DatabaseTrouble>();
  #trouble: DatabaseTrouble | undefined;
  #quietMs = MIN_QUIET_MS;
  #failedAt = 0;
  #recoveredAt = -Infinity;

  /** @param now clock in milliseconds */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Current trouble; undefined while the database can be used. */
  get trouble(): DatabaseTrouble | undefined {
    return this.#trouble;
  }

  /** Whether only a committed change proves that the trouble is over. */
  get needsChange(): boolean {
    return this.#trouble !== undefined && NEEDS_CHANGE.has(this.#trouble);
  }

  failed(error: DatabaseUnavailableError): void {
    if (error.isOfPool) return;
    const now = this.now();
    if (!this.#trouble) {
      const isRelapse = now - this.#recoveredAt < RELAPSE_MS;
      this.#quietMs = isRelapse ? Math.min(this.#quietMs * 2, MAX_QUIET_MS) : MIN_QUIET_MS;
    }
    this.#failedAt = now;
    this.#trouble = error.trouble;
    if (this.#told.has(error.trouble)) return;
    this.#told.add(error.trouble);
    this.#logger.error(
      `The database cannot be used (${error.trouble}): ${connectionProblem(error.cause ?? error)}`,
    );
  }

  /** Ends the trouble of a server that answers, but is not set up correctly, without a line in the log. */
  reached(): void {
    this.#trouble = undefined;
    this.#told.clear();
  }

  /** @param hasChanged whether the transaction has changed rows */
  succeeded(hasChanged = false): void {
    if (!this.#trouble || (this.needsChange && !hasChanged)) return;
    const now = this.now();
    if (now - this.#failedAt < this.#quietMs) return;
    this.#trouble = undefined;
    this.#told.clear();
    this.#recoveredAt = now;
    this.#logger.log('The database can be used again.');
  }
}
