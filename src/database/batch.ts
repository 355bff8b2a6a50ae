import { type Connection, type PoolClient, Query } from 'pg';

import { parameterOf } from './parameter.js';
import type { PreparedStatement, PreparedStatements } from './prepared-statements.js';

/** Statement of a batch. */
export interface BatchStatement {
  readonly text: string;
  readonly values?: readonly unknown[];
}

export interface BatchOptions<FirstRow> {
  /** Statements that the connection keeps prepared. By default, the server parses all statements for this batch only. */
  readonly prepared?: PreparedStatements | undefined;
  /** Receives the first row while the later statements run. By default, all rows arrive when all statements have run. */
  readonly onFirstRow?: ((row: FirstRow) => void) | undefined;
}

/**
 * Sends statements in one write, and returns one result for each.
 *
 * PostgreSQL runs them in one implicit transaction, because only the last one is followed by a Sync:
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 *
 * @throws the error of the first statement that failed. The transaction is then rolled back, and the connection usable.
 */
export function sendBatch<FirstRow>(
  client: PoolClient,
  statements: readonly BatchStatement[],
  { prepared, onFirstRow }: BatchOptions<FirstRow>,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const batch = new Batch(statements, prepared, onFirstRow !== undefined, (error, results) => {
      if (error) return reject(error);
      batch.markParsed();
      resolve(results);
    });
    if (onFirstRow) batch.once('row', onFirstRow);
    client.query(batch);
  });
}

/** Writes the messages itself, because pg sends a Sync after each query. pg reads the answer. */
class Batch extends Query {
  readonly #statements: readonly { text: string; values: (string | Buffer | null)[] }[];
  #named: readonly (PreparedStatement | undefined)[] = [];

  constructor(
    statements: readonly BatchStatement[],
    private readonly prepared: PreparedStatements | undefined,
    private readonly isFlushed: boolean,
    callback: (error: Error | undefined, results: unknown) => void,
  ) {
    super('', callback);
    // A value that cannot be converted throws here, before anything is written.
    this.#statements = statements.map(({ text, values = [] }) => ({
      text,
      values: values.map(parameterOf),
    }));
    this.submit = submit;
  }

  write(connection: Connection): void {
    this.#named = this.#statements.map(({ text }) => this.prepared?.get(text));
    connection.stream.cork();
    // Closes come first, because the server skips everything after an error.
    for (const name of this.prepared?.takeClosed(this.#named) ?? []) {
      connection.close({ type: 'S', name }, true);
    }
    for (const [index, { text, values }] of this.#statements.entries()) {
      const { name = '', isParsed = false } = this.#named[index] ?? {};
      if (!isParsed) connection.parse({ name, text, types: [] }, true);
      connection.bind({ statement: name, values }, true);
      connection.describe({ type: 'P' }, true);
      connection.execute({}, true);
      if (this.isFlushed && index === 0) connection.flush();
    }
    connection.sync();
    connection.stream.uncork();
  }

  markParsed(): void {
    for (const statement of this.#named) if (statement) statement.isParsed = true;
  }
}

/** Shared by all batches: V8 keeps a function that is created for a property in its old space. */
function submit(this: Batch, connection: Connection): void {
  this.write(connection);
}
