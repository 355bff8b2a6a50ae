import { type Client, DatabaseError } from 'pg';

import type { AuditLine } from '../audit-record.js';
import { type AuditSink, RefusedLinesError } from '../sink.js';
import { columnsOf } from './columns.js';
import { connect, disconnect } from './connect.js';

/** The server itself ends statements after eight seconds, see the schema. */
const QUERY_TIMEOUT_MS = 10_000;
const DAY_MS = 24 * 60 * 60 * 1_000;

/** A write may have succeeded although its connection was lost, so lines that are there already are left alone. */
const INSERT = `
  insert into aerie_audit.records
    (day, chain, seq, time, event, outcome, organization, subject, tool, line)
  select * from unnest($1::date[], $2::text[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[],
    $7::text[], $8::text[], $9::text[], $10::text[])
  on conflict do nothing`;

/** SQLSTATEs of data that the database cannot store, such as a character outside of its encoding. */
const REFUSED_DATA = /^(22|54)/;

/** Inserts records into PostgreSQL, on a connection of its own. */
export class PostgresSink implements AuditSink {
  readonly name = 'postgres';
  #client: Client | undefined;
  /** Connection string of the connection. */
  #url: string | undefined;
  /** Chain whose partition exists. */
  #chain: string | undefined;

  /** @param url returns the connection string in force */
  constructor(private readonly url: () => string) {}

  async write(lines: readonly AuditLine[]): Promise<void> {
    const [first] = lines;
    if (!first) return;
    const url = this.url();
    // A server that hangs never confirms the end of its connection.
    if (url !== this.#url) void this.close();
    this.#url = url;
    try {
      this.#client ??= await connect(url, QUERY_TIMEOUT_MS, (lost) => this.#forget(lost));
      if (this.#chain !== first.chain) await openMonths(this.#client, columnsOf(first)[0]);
      this.#chain = first.chain;
      await this.#client.query(INSERT, transposed(lines.map(columnsOf)));
    } catch (error) {
      // The connection is fine.
      if (isRefusal(error)) throw new RefusedLinesError(error.message, { cause: error });
      void this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#chain = undefined;
    if (client) await disconnect(client);
  }

  #forget(lost: Client): void {
    if (this.#client === lost) void this.close();
  }
}

const isRefusal = (error: unknown): error is DatabaseError =>
  error instanceof DatabaseError && REFUSED_DATA.test(error.code ?? '');

/** Creates the partitions of the month of a chain, and of the next month. */
async function openMonths(client: Client, day: string): Promise<void> {
  const inFourWeeks = new Date(Date.now() + 28 * DAY_MS).toISOString().slice(0, 10);
  await client.query('select aerie_audit.open_month($1::date), aerie_audit.open_month($2::date)', [
    day,
    inFourWeeks,
  ]);
}

const transposed = (rows: readonly (readonly unknown[])[]): unknown[][] =>
  (rows[0] ?? []).map((_column, index) => rows.map((row) => row[index]));
