import { Worker } from 'node:worker_threads';

/** Message to the thread: one statement, or a request to close the database if `sql` is undefined. */
export interface Statement {
  readonly id: number;
  readonly sql: string | undefined;
  readonly parameters: readonly unknown[];
}

/** Reply of the thread to a statement. */
export type Reply =
  { readonly id: number; readonly results: Results } | { readonly id: number; readonly failure: ServerError };

/** Text properties of an error of PostgreSQL, such as `code`. */
export type ServerError = Readonly<Record<string, string>> & { readonly message: string };

interface Results {
  /** Rows. The caller determines their type. */
  rows: never[];
  fields: { name: string; dataTypeID: number }[];
  affectedRows?: number;
  command?: string;
}

interface Waiting {
  resolve(results: Results): void;
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

  query(sql: string, parameters: readonly unknown[] = []): Promise<Results> {
    return this.#ask(sql, parameters);
  }

  /** Runs work in a transaction. Transactions never overlap, because Kysely lends the connection to one at a time. */
  async transaction<Outcome>(
    work: (transaction: Pick<PGliteThread, 'query'> & { rollback(): Promise<void> }) => Promise<Outcome>,
  ): Promise<Outcome> {
    const rollback = async (): Promise<void> => void (await this.#ask('rollback'));
    await this.#ask('begin');
    let outcome: Outcome;
    try {
      outcome = await work({ query: this.query.bind(this), rollback });
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

  async close(): Promise<void> {
    if (this.closed) return;
    try {
      await this.#ask();
    } finally {
      await this.#worker.terminate();
    }
  }

  #ask(sql?: string, parameters: readonly unknown[] = []): Promise<Results> {
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
