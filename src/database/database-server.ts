import type { ReadQuery } from './read.js';
import type { OwningCall, TransactionWork } from './unit-of-work.js';

/** PostgreSQL, embedded or on a server. */
export interface DatabaseServer {
  /**
   * Runs work in a new transaction that sees the rows of one organization.
   *
   * @throws {DatabaseUnavailableError} when the server cannot be used, or the connection is lost
   * @throws the reason of the signal once it has fired
   */
  transaction<Outcome>(
    organizationId: string,
    call: OwningCall,
    work: TransactionWork<Outcome>,
  ): Promise<Outcome>;
  /**
   * Runs one query in a read-only transaction that sees the rows of one organization.
   *
   * @throws like {@link transaction}
   */
  read<Row, Values extends object>(
    organizationId: string,
    call: OwningCall,
    build: ReadQuery<Row, Values>,
    values?: Values,
  ): Promise<Row[]>;
  /** Closes all connections once running transactions have ended. */
  close(): Promise<void>;
}
