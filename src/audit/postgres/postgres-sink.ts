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

/** SQLSTATE of an error that a function raises itself. */
const RAISED = 'P0001';

/** Maximum age of a chain, or time until it begins, by a clock that has not been set since. */
const MAX_CLOCK_DIFFERENCE_MS = 31 * DAY_MS;

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
      if (isRefusal(error, first)) throw new RefusedLinesError(error.message, { cause: error });
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

/** @param first first line of the batch */
const isRefusal = (error: unknown, first: AuditLine): error is DatabaseError =>
  error instanceof DatabaseError && (REFUSED_DATA.test(error.code ?? '') || isOfWrongClock(error, first));

/**
 * Returns whether the database will never open the month of a chain, because the chain began while the clock of this
 * process was wrong. If the day is right by that clock, the database may open the month after its clock is corrected.
 */
const isOfWrongClock = ({ code, where }: DatabaseError, first: AuditLine): boolean =>
  code === RAISED &&
  /^.*\bopen_month\(/.test(where ?? '') && // not an event trigger that runs within the function
  Math.abs(Date.now() - Date.parse(columnsOf(first)[0])) > MAX_CLOCK_DIFFERENCE_MS;

/** Creates the partition of the month of a chain, and tries to create that of the next month. */
async function openMonths(client: Client, day: string): Promise<void> {
  await openMonth(client, day);
  const inFourWeeks = new Date(Date.now() + 28 * DAY_MS).toISOString().slice(0, 10);
  // The next chain tries again. If the connection is lost, the insert fails too.
  await openMonth(client, inFourWeeks).catch(() => {});
}

const openMonth = (client: Client, day: string): Promise<unknown> =>
  client.query('select aerie_audit.open_month($1::date)', [day]);

const transposed = (rows: readonly (readonly unknown[])[]): unknown[][] =>
  (rows[0] ?? []).map((_column, index) => rows.map((row) => row[index]));
