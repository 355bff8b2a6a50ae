import type { Call, Work } from './unit-of-work.js';

/** A PostgreSQL, however it is reached. */
export interface DatabaseServer {
  /**
   * Runs work in a transaction of its own that sees the rows of one organisation.
   *
   * @throws {DatabaseUnreachableError} when the server is away, or goes away meanwhile
   * @throws the signal's reason once that has fired
   */
  transaction<Outcome>(organizationId: string, call: Call, work: Work<Outcome>): Promise<Outcome>;
  /** Waits for transactions that run. */
  close(): Promise<void>;
}
