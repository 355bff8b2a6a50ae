import { Kysely, PostgresDialect, type PostgresPoolClient } from 'kysely';
import type { PoolClient, QueryResult } from 'pg';

import type { Tables } from './tables.js';
import { TRANSACTION_ID } from './tenant-key.js';
import { unlessAborted } from './unless-aborted.js';

/** How long a connection may take to become as new, milliseconds. */
const PATIENCE = 5_000;
/** Without a listener, the loss of a connection would end the process. */
const ignore = (): void => undefined;
const processIds = new WeakMap<PoolClient, number>();

/** A pool's connection while one unit of work has it. */
export class Lease {
  #discard = false;
  #lost = false;
  #transactionId = '';
  readonly #onError = (): void => {
    this.#lost = true;
  };

  private constructor(
    readonly client: PoolClient,
    /** The server's process behind it. */
    readonly processId: number,
  ) {
    client.on('error', this.#onError);
  }

  /** Takes over a connection that a pool has given. */
  static async of(client: PoolClient): Promise<Lease> {
    const known = processIds.get(client);
    if (known !== undefined) return new Lease(client, known);
    client.on('error', ignore);
    try {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      const processId = rows[0]?.pid ?? 0;
      processIds.set(client, processId);
      return new Lease(client, processId);
    } catch (error) {
      client.release(true);
      throw error;
    } finally {
      client.off('error', ignore);
    }
  }

  /** Whether the connection broke. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Runs queries on this connection; one statement each, which the extended protocol sees to. */
  get database(): Kysely<Tables> {
    const connection: PostgresPoolClient = {
      query: (text: unknown, values?: unknown) =>
        text === 'begin'
          ? this.#begin()
          : this.client.query(Object.assign({ text, values, queryMode: 'extended' })),
      release: (discard = false) => {
        this.#discard ||= discard;
      },
    };
    const pool = { connect: () => Promise.resolve(connection), end: () => Promise.resolve(), options: {} };
    return new Kysely({ dialect: new PostgresDialect({ pool }) });
  }

  /** The id of the transaction that began last; see `TRANSACTION_ID`. */
  get transactionId(): string {
    return this.#transactionId;
  }

  /** Begins a transaction and learns its id in one round trip. */
  async #begin(): Promise<QueryResult> {
    // pg returns one result for each statement of a text, which its types do not say.
    const results: QueryResult | QueryResult<{ id?: string }>[] = await this.client.query(
      `begin; ${TRANSACTION_ID}`,
    );
    const [begun, selected]: QueryResult<{ id?: string }>[] = Array.isArray(results) ? results : [];
    if (!begun) throw new Error('The transaction did not begin.');
    this.#transactionId = selected?.rows[0]?.id ?? '';
    return begun;
  }

  /** Breaks the connection, and so whatever runs on it. */
  destroy(): void {
    this.#discard = true;
    void this.client.end();
  }

  /** Back to the pool, with nothing left of who had it: settings, temporary tables, locks; or closed. */
  async giveBack(): Promise<void> {
    try {
      if (this.#discard || this.#lost) return;
      await unlessAborted(this.client.query('discard all'), AbortSignal.timeout(PATIENCE));
    } catch {
      this.#discard = true;
    } finally {
      this.client.off('error', this.#onError);
      this.client.release(this.#discard || this.#lost);
    }
  }
}
