import { type Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';

import { MIGRATIONS } from './migrations/index.js';
import type { TenantKey } from './tenant-key.js';

/**
 * Brings the schema up to date and lets the application's role use it. Runs under a lock.
 *
 * @param database as the role that owns the schema
 * @param applicationRole the role that tools' queries run under
 * @param key what the application signs the organization of its transactions with
 * @throws what the first migration that fails throws; then none of them has happened
 */
export async function migrate(
  database: Kysely<unknown>,
  applicationRole: string,
  key: TenantKey,
): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: () => Promise.resolve({ ...MIGRATIONS }) },
    // A deployment has migrations of its own, which may sort after a new one of ours.
    allowUnorderedMigrations: true,
  });
  // A newer version may have been here: then there is nothing to do, which the migrator would take for an error.
  const pending = (await migrator.getMigrations()).some(({ executedAt }) => !executedAt);
  if (pending) {
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
  }
  await grant(database, applicationRole);
  await key.register(database);
}

/** Rows, not tables: it may not truncate, which row security does not hold for, nor change the schema. */
async function grant(database: Kysely<unknown>, applicationRole: string): Promise<void> {
  const role = sql.id(applicationRole);
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relforcerowsecurity
      and pg_get_userbyid(relowner) = current_user`.execute(database);
  await sql`grant usage on schema public, aerie to ${role}`.execute(database);
  await sql`grant select on public.kysely_migration to ${role}`.execute(database);
  for (const { name } of rows) {
    await sql`grant select, insert, update, delete on ${sql.table(`public.${name}`)} to ${role}`.execute(
      database,
    );
  }
}

/**
 * The names of migrations that the schema lacks.
 *
 * @param database as the application's role
 */
export async function missingMigrations(database: Kysely<unknown>): Promise<string[]> {
  const {
    rows: [found],
  } = await sql<{ readable: boolean | null }>`
    select has_table_privilege(to_regclass('public.kysely_migration'), 'SELECT') as readable`.execute(
    database,
  );
  if (found?.readable !== true) return Object.keys(MIGRATIONS);
  const { rows } = await sql<{ name: string }>`select name from public.kysely_migration`.execute(database);
  const executed = new Set(rows.map(({ name }) => name));
  return Object.keys(MIGRATIONS).filter((name) => !executed.has(name));
}
