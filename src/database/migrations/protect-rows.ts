import { type Kysely, sql } from 'kysely';

/** Takes only rows of the organisation that the transaction is for; none where it is for nobody. */
const CURRENT_ORGANIZATION = sql`nullif(current_setting('aerie.organization', true), '')`;

/**
 * Protects a table that has a column `organization_id`: whoever queries it, its owner included, sees and changes only
 * rows of the organisation that the transaction is for. New rows belong to that organisation without naming it.
 */
export async function protectRows(database: Kysely<unknown>, name: string): Promise<void> {
  const table = sql.table(name);
  await sql`alter table ${table}
    alter column organization_id set default ${CURRENT_ORGANIZATION},
    enable row level security,
    force row level security`.execute(database);
  // The subquery is asked once for each statement, and lets an index be used.
  await sql`create policy organization on ${table}
    using (organization_id = (select ${CURRENT_ORGANIZATION}))
    with check (organization_id = (select ${CURRENT_ORGANIZATION}))`.execute(database);
}
