import { Kysely, PostgresDialect, type PostgresPoolClient, type PostgresQueryResult } from 'kysely';
import type { PoolClient } from 'pg';

import type { Tables } from './tables.js';
import { unlessAborted } from './unless-aborted.js';

/** How long a connection may take to become as new, milliseconds. */
const PATIENCE = 5_000;
/**
 * Removes everything that SQL in a unit of work could leave in the session. Unlike `discard all`, it keeps the plan of
 * `aerie.organization()`, which takes longer to make than to run. What else `discard all` removes needs statements that
 * a unit of work cannot run: `prepare`, `declare`, `listen`.
 */
const RESET = `set session authorization default; reset all; discard temp; discard sequences;
  select pg_advisory_unlock_all()`;
/** Without a listener, the loss of a connection would end the process. */
const ignore = (): void => undefined;
const processIds = new WeakMap<PoolClient, number>();

/** A pool's connection while one unit of work has it. */
export class Lease {
  #begins = false;
  #discard = false;
  #lost = false;
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
    return new Kysely({ dialect: new PostgresDialect({ pool }) });
  }

  /** Leaves `begin` to the first statement. */
  #begin(): Promise<PostgresQueryResult<never>> {
    this.#begins = true;
    return Promise.resolve({ command: 'SELECT', rowCount: 0, rows: [] });
  }

  /** Sends `begin` in one batch, and so in one round trip, with the statement that pg sends next. */
  #sendBegin(): boolean {
    if (!this.#begins) return false;
    this.#begins = false;
    const { connection } = this.client;
    connection.parse({ name: '', text: 'begin', types: [] }, true);
    connection.bind({}, true);
    connection.execute({}, true);
    return true;
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
      await unlessAborted(this.client.query(RESET), AbortSignal.timeout(PATIENCE));
    } catch {
      this.#discard = true;
    } finally {
      this.client.off('error', this.#onError);
      this.client.release(this.#discard || this.#lost);
    }
  }
}

/** pg returns one result for each statement of a batch, which its types do not say. */
async function lastResult(answer: unknown): Promise<unknown> {
  const results: unknown = await answer;
  if (!Array.isArray(results)) throw new Error('The transaction did not begin.');
  return results.at(-1);
}
