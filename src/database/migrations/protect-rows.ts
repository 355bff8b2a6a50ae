import { type Kysely, sql } from 'kysely';

/**
 * Enforces row security on a table with a column `organization_id`. Every role, including the owner, sees and changes
 * only rows of the transaction's organization. New rows get that organization by default.
 */
export async function protectRows(database: Kysely<unknown>, name: string): Promise<void> {
  const table = sql.table(name);
  // The default uses the unverified setting, and the policy verifies it once per statement instead of once per row.
  await sql`alter table ${table}
    alter column organization_id set default nullif(current_setting('aerie.organization', true), ''),
    enable row level security,
    force row level security`.execute(database);
  await sql`drop policy if exists organization on ${table}`.execute(database);
  // The subquery runs once per statement and allows the use of an index.
  await sql`create policy organization on ${table}
    using (organization_id = (select aerie.organization()))
    with check (organization_id = (select aerie.organization()))`.execute(database);
}
