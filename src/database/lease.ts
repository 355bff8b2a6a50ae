import { Kysely, PostgresDialect, type PostgresPoolClient, type PostgresQueryResult } from 'kysely';
import type { PoolClient } from 'pg';

import { logQuery } from './query-steps.js';
import type { Tables } from './tables.js';
import { unlessAborted } from './unless-aborted.js';

const RESET_TIMEOUT_MS = 5_000;
/**
 * Removes everything that SQL in a unit of work could leave in the session. Unlike `discard all`, it keeps the plan of
 * `aerie.organization()`, which takes longer to create than to run. `discard all` also undoes `prepare`, `declare` and
 * `listen`, which a unit of work cannot run.
 */
const RESET = `set session authorization default; reset all; discard temp; discard sequences;
  select pg_advisory_unlock_all()`;

/** Pooled connection, leased to one unit of work. */
export class Lease {
  #begins = false;
  #discard = false;
  #lost = false;
  readonly #onError = (): void => {
    this.#lost = true;
  };

  /**
   * ID of the server process that runs the transaction; 0 until it has begun. Behind a pooler, each transaction may have
   * another one.
   */
  processId = 0;

  constructor(readonly client: PoolClient) {
    client.on('error', this.#onError);
  }

  /** Whether the connection is lost. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Runs queries on this connection. The extended protocol allows one statement per query. */
  get database(): Kysely<Tables> {
    const connection: PostgresPoolClient = {
      query: (text: unknown, values?: unknown) => {
        if (text === 'begin') return this.#begin();
        const isFirst = this.#sendBegin();
        const answer = this.client.query(Object.assign({ text, values, queryMode: 'extended' }));
        return isFirst ? lastResult(answer) : answer;
      },
      release: (discard = false) => {
        this.#discard ||= discard;
      },
    };
    const pool = { connect: () => Promise.resolve(connection), end: () => Promise.resolve(), options: {} };
    return new Kysely({ dialect: new PostgresDialect({ pool }), log: logQuery });
  }

  /** Delays `begin` until the first statement. */
  #begin(): Promise<PostgresQueryResult<never>> {
    this.#begins = true;
    return Promise.resolve({ command: 'SELECT', rowCount: 0, rows: [] });
  }

  /** Sends `begin` in one batch with the next statement of pg, which saves a round trip. */
  #sendBegin(): boolean {
    if (!this.#begins) return false;
    this.#begins = false;
    const { connection } = this.client;
    connection.parse({ name: '', text: 'begin', types: [] }, true);
    connection.bind({}, true);
    connection.execute({}, true);
    return true;
  }

  /** Closes the connection and aborts its statement. */
  destroy(): void {
    this.#discard = true;
    void this.client.end();
  }

  /** Resets the connection (settings, temporary tables, locks) and returns it to the pool, or closes it on failure. */
  async giveBack(): Promise<void> {
    try {
      if (this.#discard || this.#lost) return;
      await unlessAborted(this.client.query(RESET), AbortSignal.timeout(RESET_TIMEOUT_MS));
    } catch {
      this.#discard = true;
    } finally {
      this.client.off('error', this.#onError);
      this.client.release(this.#discard || this.#lost);
    }
  }
}

/** Returns the last result of a batch. Contrary to its types, pg returns one result for each statement. */
async function lastResult(answer: unknown): Promise<unknown> {
  const results: unknown = await answer;
  if (!Array.isArray(results)) throw new Error('The transaction did not begin.');
  return results.at(-1);
}
