import { type Kysely, sql } from 'kysely';

/**
 * Protects a table that has a column `organization_id`: whoever queries it, its owner included, sees and changes only
 * rows of the organization that the transaction is for. New rows belong to that organization without naming it.
 */
export async function protectRows(database: Kysely<unknown>, name: string): Promise<void> {
  const table = sql.table(name);
  // The default names the organization; the policy verifies it, once for each statement and not for each row.
  await sql`alter table ${table}
    alter column organization_id set default nullif(current_setting('aerie.organization', true), ''),
    enable row level security,
    force row level security`.execute(database);
  await sql`drop policy if exists organization on ${table}`.execute(database);
  // The subquery runs once for each statement, and lets an index be used.
  await sql`create policy organization on ${table}
    using (organization_id = (select aerie.organization()))
    with check (organization_id = (select aerie.organization()))`.execute(database);
}
