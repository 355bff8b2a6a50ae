import { type Kysely, sql } from 'kysely';

/** The setting that the first policies went by. */
const ORGANIZATION = sql`nullif(current_setting('aerie.organization', true), '')`;

export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('todos')
    .addColumn('organization_id', 'text', (column) => column.notNull())
    .addColumn('id', 'uuid', (column) => column.notNull().defaultTo(sql`gen_random_uuid()`))
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    // Milliseconds, which is what JavaScript's dates hold: a page must begin where the one before ended.
    .addColumn('created_at', sql`timestamptz(3)`, (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('completed_at', sql`timestamptz(3)`)
    // With the organisation first: an id that another organisation has is not taken.
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
