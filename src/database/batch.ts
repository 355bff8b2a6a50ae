import { type Connection, type FieldDef, type PoolClient, Query } from 'pg';
import { serialize } from 'pg-protocol';

import { parameterOf } from './parameter.js';
import type { Column, PreparedStatement, PreparedStatements } from './prepared-statements.js';
import { parserOf } from './timestamp.js';

/** Statement of a batch. */
export interface BatchStatement {
  readonly text: string;
  readonly values?: readonly unknown[];
  /** Default true. Without rows, the server need not describe them. */
  readonly returnsRows?: boolean;
}

export interface BatchOptions<FirstRow> {
  /** Statements that the connection keeps prepared. By default, the server parses all statements for this batch only. */
  readonly prepared?: PreparedStatements | undefined;
  /** Receives the first row while the later statements run. By default, all rows arrive when all statements have run. */
  readonly onFirstRow?: ((row: FirstRow) => void) | undefined;
}

/**
 * Sends statements in one write, and returns one result with rows for each.
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
    const batch = new Batch(statements, prepared, onFirstRow !== undefined, (error) => {
      const failure = error ?? batch.failure;
      if (failure) return reject(failure);
      batch.markParsed();
      resolve(batch.results);
    });
    if (onFirstRow) batch.once('row', onFirstRow);
    client.query(batch);
  });
}

const DESCRIBE = serialize.describe({ type: 'P' });
const EXECUTE = serialize.execute();
const FLUSH = serialize.flush();
const SYNC = serialize.sync();

/**
 * Writes the messages itself, because pg sends a Sync after each query. Reads the rows itself, because pg needs a
 * description of each result, which prepared statements have from their first run.
 */
class Batch extends Query {
  readonly #statements: readonly { text: string; values: (string | Buffer | null)[]; returnsRows: boolean }[];
  #named: readonly (PreparedStatement | undefined)[] = [];
  readonly results: { readonly rows: unknown[] }[];
  readonly #columns: (readonly Column[])[] = [];
  /** Error of a value that could not be converted. */
  failure: Error | undefined;
  /** Index of the statement whose answer arrives. */
  #current = 0;

  constructor(
    statements: readonly BatchStatement[],
    private readonly prepared: PreparedStatements | undefined,
    private readonly isFlushed: boolean,
    callback: (error: Error | undefined) => void,
  ) {
    super('', callback);
    // A value that cannot be converted throws here, before anything is written.
    this.#statements = statements.map(({ text, values = [], returnsRows = true }) => ({
      text,
      values: values.map(parameterOf),
      returnsRows,
    }));
    this.results = statements.map(() => ({ rows: [] }));
    this.submit = submit;
  }

  write(connection: Connection): void {
    this.#named = this.#statements.map(({ text }) => this.prepared?.get(text));
    // Closes come first, because the server skips everything after an error.
    const closed = this.prepared?.takeClosed(this.#named) ?? [];
    const messages = closed.map((name) => serialize.close({ type: 'S', name }));
    for (const [index, { text, values, returnsRows }] of this.#statements.entries()) {
      const { name = '', isParsed = false, columns } = this.#named[index] ?? {};
      if (!isParsed) messages.push(serialize.parse({ name, text }));
      messages.push(serialize.bind({ statement: name, values }));
      if (columns) this.#columns[index] = columns;
      else if (returnsRows) messages.push(DESCRIBE);
      messages.push(EXECUTE);
      if (this.isFlushed && index === 0) messages.push(FLUSH);
    }
    messages.push(SYNC);
    // A closed connection fails the query by itself.
    if (connection.stream.writable) connection.stream.write(Buffer.concat(messages));
  }

  /** Called by pg. */
  handleRowDescription({ fields }: { fields: readonly FieldDef[] }): void {
    this.#columns[this.#current] = fields.map(({ name, dataTypeID }) => ({
      name,
      parse: parserOf(dataTypeID),
    }));
  }

  /** Called by pg. */
  handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
    try {
      const row: Record<string, unknown> = {};
      let index = 0;
      for (const { name, parse } of this.#columns[this.#current] ?? []) {
        const text = fields[index++] ?? null;
        row[name] = text === null ? null : parse(text);
      }
      if (this.isFlushed) this.emit('row', row);
      this.results[this.#current]?.rows.push(row);
    } catch (error) {
      // pg would let the error end the process.
      this.failure ??= error instanceof Error ? error : new Error(String(error));
    }
  }

  /** Called by pg. */
  handleCommandComplete(): void {
    this.#current++;
  }

  markParsed(): void {
    for (const [index, statement] of this.#named.entries()) {
      if (!statement) continue;
      statement.isParsed = true;
      statement.columns = this.#columns[index];
    }
  }
}

/** Shared by all batches: V8 keeps a function that is created for a property in its old space. */
function submit(this: Batch, connection: Connection): void {
  this.write(connection);
}
