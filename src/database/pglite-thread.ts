import { Worker } from 'node:worker_threads';

import { parameterOf } from './parameter.js';
import { parserOf } from './timestamp.js';

/** Message to the thread: one statement, or a request to close the database if `sql` is undefined. */
export interface Statement {
  readonly id: number;
  readonly sql: string | undefined;
  readonly parameters: readonly (string | Uint8Array | null)[];
}

/** Reply of the thread to a statement. */
export type Reply =
  | { readonly id: number; readonly results: Results<TextRow> }
  | { readonly id: number; readonly failure: ServerError };

/** Values of a row in the text format of PostgreSQL, in the order of the columns. */
export type TextRow = (string | null)[];

/** Text properties of an error of PostgreSQL, such as `code`. */
export type ServerError = Readonly<Record<string, string>> & { readonly message: string };

interface Results<Found> {
  rows: Found[];
  fields: { name: string; dataTypeID: number }[];
  affectedRows?: number;
  command?: string;
}

interface Waiting {
  resolve(results: Results<TextRow>): void;
  reject(error: unknown): void;
}

/** Worker file: JavaScript in a build, TypeScript in tests, whose types Node.js strips. */
const WORKER = new URL(import.meta.url.replace(/pglite-thread(\.\w+)$/, 'pglite-worker$1'));

/**
 * Runs PGlite in a worker thread, with the subset of its API that Kysely needs. In the main thread, opening a database
 * or running a statement would block all other requests.
 */
export class PGliteThread {
  readonly ready = true;
  readonly waitReady = Promise.resolve();
  closed = false;
  /** Resolves when the thread has exited, also when it was not closed. */
  readonly exited: Promise<void>;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  private constructor(folder: string) {
    this.#worker = new Worker(WORKER, { workerData: folder, name: 'PGlite' });
    this.#worker.on('message', (answer: Reply) => this.#settle(answer));
    this.#worker.on('error', (error) => this.#end(error));
    this.exited = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#end(new Error('The thread of the embedded database has exited.'));
        resolve();
      });
    });
  }

  /** @param folder data folder, created if it does not exist */
  static async open(folder: string): Promise<PGliteThread> {
    const thread = new PGliteThread(folder);
    await thread.#ask('select 1');
    return thread;
  }

  /** Runs a statement. Converts parameters and values like pg, so that tools get the same types as in production. */
  async query<Found>(sql: string, parameters: readonly unknown[] = []): Promise<Results<Found>> {
    const { rows, ...rest } = await this.#ask(sql, parameters.map(parameterOf));
    const columns = rest.fields.map(({ name, dataTypeID }) => ({ name, parse: parserOf(dataTypeID) }));
    const entriesOf = (row: TextRow): unknown[][] =>
      columns.map(({ name, parse }, index) => {
        const text = row[index] ?? null;
        return [name, text === null ? null : parse(text)];
      });
    return { ...rest, rows: rows.map((row) => Object.fromEntries(entriesOf(row))) };
  }

  /** Runs work in a transaction. Transactions never overlap, because Kysely lends the connection to one at a time. */
  async transaction<Outcome>(
    work: (transaction: Pick<PGliteThread, 'query'> & { rollback(): Promise<void> }) => Promise<Outcome>,
  ): Promise<Outcome> {
    const rollback = async (): Promise<void> => void (await this.#ask('rollback'));
    await this.#ask('begin');
    let outcome: Outcome;
    try {
      outcome = await work({ query: (sql, parameters) => this.query(sql, parameters), rollback });
    } catch (error) {
      await rollback();
      throw error;
    }
    const { command } = await this.#ask('commit');
    // PostgreSQL rolls back if a statement of the transaction has failed.
    if (command === 'ROLLBACK') {
      throw Object.assign(new Error('The transaction was aborted.'), { severity: 'ERROR', code: '25P02' });
    }
    return outcome;
  }

  /** Closes the database after the statements that run, and waits until the thread has exited. */
  async close(): Promise<void> {
    if (this.closed) return;
    try {
      await this.#ask();
    } finally {
      await this.#worker.terminate();
    }
  }

  #ask(sql?: string, parameters: Statement['parameters'] = []): Promise<Results<TextRow>> {
    return new Promise((resolve, reject) => {
      if (this.closed) throw new Error('The embedded database is closed.');
      const id = ++this.#lastId;
      this.#worker.postMessage({ id, sql, parameters } satisfies Statement, []);
      this.#waiting.set(id, { resolve, reject });
    });
  }

  #settle(answer: Reply): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('results' in answer) waiting?.resolve(answer.results);
    else waiting?.reject(Object.assign(new Error(answer.failure.message), answer.failure));
  }

  #end(error: unknown): void {
    this.closed = true;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}
