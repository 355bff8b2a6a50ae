import { connect, disconnect } from './connect.js';

const QUERY_TIMEOUT_MS = 5_000;

/** Rights of the current role, from the catalog, which any role can read. */
const RIGHTS = `
  select records.oid is not null and open_month.oid is not null as "isPrepared",
    coalesce(has_schema_privilege(namespace.oid, 'usage') and has_table_privilege(records.oid, 'insert')
      and has_function_privilege(open_month.oid, 'execute'), false) as "canInsert",
    coalesce(bool_or(has_table_privilege(part.oid, 'update, delete, truncate')
      or pg_has_role(part.relowner, 'usage')), false) as "canChange"
  from (values (1)) as one (row)
    left join pg_namespace namespace on namespace.nspname = 'aerie_audit'
    left join pg_class records on records.relnamespace = namespace.oid and records.relname = 'records'
    left join pg_proc open_month on open_month.pronamespace = namespace.oid and open_month.proname = 'open_month'
    left join pg_inherits on pg_inherits.inhparent = records.oid
    left join pg_class part on part.oid in (records.oid, pg_inherits.inhrelid)
  group by namespace.oid, records.oid, open_month.oid`;

interface Rights {
  readonly isPrepared: boolean;
  readonly canInsert: boolean;
  readonly canChange: boolean;
}

/** Reason why a role is not that of a writer: the table is missing, or the role has too few or too many rights. */
export type WriterFault = 'unprepared' | 'cannot-insert' | 'can-change';

/**
 * Checks whether the role of a connection string can insert records and change none.
 *
 * @throws {Error} when the database cannot be reached
 */
export async function writerFault(url: string): Promise<WriterFault | undefined> {
  const client = await connect(url, QUERY_TIMEOUT_MS, () => undefined);
  try {
    const { rows } = await client.query<Rights>(RIGHTS);
    const [rights] = rows;
    if (!rights?.isPrepared) return 'unprepared';
    if (!rights.canInsert) return 'cannot-insert';
    return rights.canChange ? 'can-change' : undefined;
  } finally {
    await disconnect(client);
  }
}
