import type { StoredLine } from '../stored-line.js';
import { parseRecord } from '../verify.js';
import { columnsOf } from './columns.js';
import { connect, disconnect } from './connect.js';

const ROWS_AT_ONCE = 1_000;

/** Selection of records by their columns. Times are in RFC 3339. */
export interface Selection {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly tool?: string | undefined;
}

interface Row {
  readonly columns: readonly (string | null)[];
  readonly line: string;
}

/**
 * Reads records from PostgreSQL, in their order in time, or chain by chain.
 *
 * @param url connection string of a role that can read
 * @throws {Error} when they cannot be read
 */
export async function* readRecords(
  url: string,
  order: 'time' | 'chain',
  { since, until, tool }: Selection = {},
): AsyncGenerator<StoredLine> {
  const client = await connect(url, undefined, () => undefined);
  try {
    await client.query('begin transaction isolation level repeatable read read only');
    await client.query(
      `declare records no scroll cursor for
       select array[to_char(day, 'YYYY-MM-DD'), chain, seq::text,
         to_char(time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), event, outcome, organization, subject,
         tool] as columns, line
       from aerie_audit.records
       where ($1::timestamptz is null or time >= $1) and ($2::timestamptz is null or time < $2)
         and ($3::text is null or tool is not null and string_to_array(tool, ',') @> array[$3::text])
       order by ${order === 'time' ? 'time, chain, seq' : 'chain, seq'}`,
      [since ?? null, until ?? null, tool ?? null],
    );
    for (;;) {
      const { rows } = await client.query<Row>(`fetch ${ROWS_AT_ONCE} from records`);
      for (const row of rows) yield storedLine(row);
      if (rows.length < ROWS_AT_ONCE) return;
    }
  } finally {
    await disconnect(client);
  }
}

/** A changed column would hide a record from a search. */
function storedLine({ columns, line }: Row): StoredLine {
  const record = parseRecord(line);
  const [, chain] = columns;
  const place = `chain ${chain ?? ''}`;
  if (!record) return { place, text: line };
  const expected = columnsOf({ text: line, record }).slice(0, -1);
  const isSame = expected.every((column, index) => column === columns[index]);
  return { place, text: line, fault: isSame ? undefined : 'was changed: its columns differ from its line.' };
}
