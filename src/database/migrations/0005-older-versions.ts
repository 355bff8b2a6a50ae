import { type Kysely, sql } from 'kysely';

export const olderVersionsMayRun = true;

/** Records with each migration whether versions without it may run on its schema; see `migrate`. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`alter table public.kysely_migration
    add column older_versions_may_run boolean not null default false`.execute(database);
}
