import { type Kysely, sql } from 'kysely';

export const olderVersionsMayRun = true;

/** Setting that the first policies used. */
const ORGANIZATION = sql`nullif(current_setting('aerie.organization', true), '')`;

export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('todos')
    .addColumn('organization_id', 'text', (column) => column.notNull())
    .addColumn('id', 'uuid', (column) => column.notNull().defaultTo(sql`gen_random_uuid()`))
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    // Millisecond precision, like dates in JavaScript: a page must begin exactly where the previous one ended.
    .addColumn('created_at', sql`timestamptz(3)`, (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('completed_at', sql`timestamptz(3)`)
    // The organization comes first, so two organizations may use the same ID.
    .addPrimaryKeyConstraint('todos_pkey', ['organization_id', 'id'])
    .addCheckConstraint('todos_title_length', sql`char_length(title) between 1 and 200`)
    .execute();
  await database.schema
    .createIndex('todos_newest_first')
    .on('todos')
    .columns(['organization_id', 'created_at desc', 'id desc'])
    .execute();
  await sql`alter table todos
    alter column organization_id set default ${ORGANIZATION},
    enable row level security,
    force row level security`.execute(database);
  await sql`create policy organization on todos
    using (organization_id = (select ${ORGANIZATION}))
    with check (organization_id = (select ${ORGANIZATION}))`.execute(database);
}
