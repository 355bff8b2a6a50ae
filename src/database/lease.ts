import {
  type CompiledQuery,
  Kysely,
  PostgresDialect,
  type PostgresPoolClient,
  type PostgresQueryResult,
} from 'kysely';
import type { PoolClient } from 'pg';

import { sendBatch } from './batch.js';
import { directConnection, type DirectConnection, learnProcess } from './direct-connection.js';
import { isPlainQuery } from './plain-query.js';
import { logQuery } from './query-steps.js';
import type { Tables } from './tables.js';
import { ENTER_READING, type Entered, type Entry } from './tenant-key.js';
import { sqlStateOf, troubleOf } from './unavailable.js';
import { unlessAborted } from './unless-aborted.js';

const RESET_TIMEOUT_MS = 5_000;
const ENDED = 'This unit of work has ended. Await every query in it.';
/**
 * Removes everything that SQL in a unit of work could leave in the session. Unlike `discard all`, it keeps the plan of
 * `aerie.organization()`, which takes longer to create than to run. `discard all` also undoes `prepare`, `declare` and
 * `listen`, which a unit of work cannot run.
 */
const RESET = `set session authorization default; reset all; discard temp; discard sequences;
  select pg_advisory_unlock_all()`;
/** Removes everything that SQL could leave in the session while it only reads. The last one returns no row. */
const RESET_AFTER_READING = [
  { text: 'set session authorization default', returnsRows: false },
  { text: 'reset all', returnsRows: false },
  { text: 'select where pg_catalog.pg_advisory_unlock_all() is null', returnsRows: false },
];
/**
 * SQLSTATEs of a prepared statement that cannot be used: its table has changed, the connection does not have it, or has
 * another one of its name. The latter two happen behind a pooler that names processes of the server.
 */
const UNUSABLE_STATEMENT = /^(0A000|26000|42P05)$/;
/**
 * SQLSTATEs of a value or an operator that does not fit the type of a parameter, or of a type that is gone. A prepared
 * statement keeps the types of its parameters, also when a migration changes the type of a column.
 */
const OUTDATED_PARAMETER = /^(22|42|XX)/;

/** Transaction that can be canceled. */
export interface Running {
  /** Process of the server that runs the transaction. */
  readonly processId: number;
  /** Time at which the transaction began, in SQL; undefined if the process serves this connection only. */
  readonly beganAt?: string | undefined;
}

/** Keeps connections for the next unit of work. */
export interface Keeper {
  /** @returns whether the connection is kept, instead of released to its pool */
  keep(lease: Lease): boolean;
  /** Called when a connection is lost. */
  forget(lease: Lease): void;
}

/** Pooled connection, leased to one unit of work at a time. */
export class Lease {
  #begin: string | undefined;
  #isReset = false;
  #discard = false;
  #lost = false;
  #lostCommit: unknown;
  readonly #onError = (): void => {
    this.#lost = true;
    this.keeper?.forget(this);
  };

  /** Transaction that runs; undefined until it has begun, and once it has been committed. */
  running: Running | undefined;

  constructor(
    readonly client: PoolClient,
    private readonly keeper?: Keeper,
  ) {
    client.on('error', this.#onError);
  }

  /** Whether the connection is lost. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Error of a commit that the server has not answered, so that its outcome is unknown; undefined otherwise. */
  get lostCommit(): unknown {
    return this.#lostCommit;
  }

  /** Runs queries on this connection. The extended protocol allows one statement per query. */
  get database(): Kysely<Tables> {
    let hasEnded = false;
    const query = (text: string, values?: readonly unknown[]): Promise<PostgresQueryResult<never>> => {
      // Kysely refuses a query that waited for another one only once the server has confirmed the end.
      if (hasEnded && text !== 'rollback') return Promise.reject(new Error(ENDED));
      hasEnded ||= text === 'commit' || text === 'rollback';
      if (text === 'begin') return this.#delay(text);
      return text === 'commit' ? this.#commit() : this.#query(text, values);
    };
    const release = (discard = false): void => {
      this.#discard ||= discard;
    };
    // Its type also asks for cursors, which nobody uses.
    const connection: PostgresPoolClient = Object.assign({ query, release });
    const pool = { connect: () => Promise.resolve(connection), end: () => Promise.resolve(), options: {} };
    return new Kysely({ dialect: new PostgresDialect({ pool }), log: logQuery });
  }

  /**
   * Runs one query in a read-only transaction, and resets the connection unless nothing can be left in it. Sends all
   * statements without waiting, which takes one round trip.
   *
   * @throws the error of the first statement that failed; the connection stays usable
   */
  async read<Row>(entry: Entry, query: CompiledQuery<Row>): Promise<{ entered: Entered; rows: Row[] }> {
    const direct = directConnection(this.client);
    try {
      return await this.#read(entry, query, direct);
    } catch (error) {
      const state = sqlStateOf(error);
      if (!direct || state === undefined) throw error;
      if (UNUSABLE_STATEMENT.test(state)) {
        this.#discard = true;
        return this.#read(entry, query, undefined);
      }
      if (OUTDATED_PARAMETER.test(state) && direct.prepared.forget(query.sql))
        return this.#read(entry, query, direct);
      throw error;
    }
  }

  async #read<Row>(
    { values }: Entry,
    { sql, parameters, query }: CompiledQuery<Row>,
    direct: DirectConnection | undefined,
  ): Promise<{ entered: Entered; rows: Row[] }> {
    const isPlain = direct?.prepared.isPlain(sql, query) ?? isPlainQuery(query);
    const onFirstRow = (entered: Entered): void => {
      this.running = entered;
    };
    // A direct connection can be canceled without knowing when its transaction began.
    this.running = direct && { processId: direct.processId };
    // An earlier read of this lease does not reset what this one leaves if it fails.
    this.#isReset = false;
    try {
      const results = await sendBatch(
        this.client,
        [
          { text: ENTER_READING, values },
          { text: sql, values: parameters },
          ...(isPlain ? [] : RESET_AFTER_READING),
        ],
        direct ?? { onFirstRow },
      );
      const [entered] = resultOf<Entered>(results, 0).rows;
      const { rows } = resultOf<Row>(results, 1);
      if (!entered) throw new Error('The transaction has not begun.');
      learnProcess(this.client, entered.processId);
      this.#isReset = true;
      return { entered, rows };
    } finally {
      this.running = undefined;
    }
  }

  /** Delays `begin` until the next statement, which goes in the same batch. */
  #delay(begin: string): Promise<PostgresQueryResult<never>> {
    this.#begin = begin;
    return Promise.resolve({ command: 'SELECT', rowCount: 0, rows: [] });
  }

  async #query<Row>(text: string, values?: readonly unknown[]): Promise<PostgresQueryResult<Row>> {
    const { connection } = this.client;
    const begin = this.#begin;
    this.#begin = undefined;
    connection.stream.cork();
    if (begin !== undefined) {
      connection.parse({ name: '', text: begin, types: [] }, true);
      connection.bind({}, true);
      connection.execute({}, true);
    }
    const answer = this.client.query(Object.assign({ text, values, queryMode: 'extended' }));
    connection.stream.uncork();
    return begin === undefined ? answer : resultOf(await answer, 1);
  }

  /** Commits, and resets the connection in the same round trip. */
  async #commit(): Promise<PostgresQueryResult<never>> {
    const { connection } = this.client;
    let answer: string | undefined;
    const onComplete = ({ text }: { readonly text: string }): void => {
      if (text === 'COMMIT' || text === 'ROLLBACK') answer ??= text;
    };
    connection.on('commandComplete', onComplete);
    try {
      const outcome = resultOf<never>(await this.client.query(`commit; ${RESET}`), 0);
      this.#isReset = true;
      return outcome;
    } catch (error) {
      this.#discard = true;
      if (answer === 'COMMIT') return { command: 'SELECT', rowCount: 0, rows: [] }; // only the reset has failed
      const isRefused = sqlStateOf(error) !== undefined && troubleOf(error) !== 'unreachable';
      if (answer === undefined && !isRefused) this.#lostCommit = error;
      throw error;
    } finally {
      connection.off('commandComplete', onComplete);
      this.running = undefined;
    }
  }

  /** Closes the connection and aborts its statement. */
  destroy(): void {
    this.#discard = true;
    this.client.connection.stream.destroy();
  }

  /** Resets the connection (settings, temporary tables, locks) and gives it to the next one, or closes it on failure. */
  async giveBack(): Promise<void> {
    try {
      if (!this.#isReset && !this.#discard && !this.#lost) {
        await unlessAborted(this.client.query(RESET), AbortSignal.timeout(RESET_TIMEOUT_MS));
      }
    } catch {
      // The pool would wait for the answer to the reset before it closes the connection.
      this.destroy();
    }
    this.#isReset = false;
    this.#begin = undefined;
    if (this.#discard || this.#lost || !this.keeper?.keep(this)) this.release();
  }

  /** Returns the connection to the pool, which closes it if it cannot be used any more. */
  release(): void {
    this.client.off('error', this.#onError);
    this.client.release(this.#discard || this.#lost);
  }
}

/** Returns a result of a batch. Contrary to its types, pg returns one result for each statement. */
function resultOf<Row>(results: unknown, index: number): PostgresQueryResult<Row> {
  if (!Array.isArray(results)) throw new Error('The batch has no results.');
  return results[index];
}
