import { type Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';

import { MIGRATIONS } from './migrations/index.js';
import type { TenantKey } from './tenant-key.js';

/**
 * Runs pending migrations and grants the application role access. The caller must hold the migration lock.
 *
 * @param database connected as the owner of the schema
 * @param applicationRole role of the queries of tools
 * @param key signs the organization of each transaction
 * @throws the error of the first migration that fails; all migrations are rolled back
 */
export async function migrate(
  database: Kysely<unknown>,
  applicationRole: string,
  key: TenantKey,
): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: () => Promise.resolve({ ...MIGRATIONS }) },
    // A deployment adds its own migrations, which may sort after a new one of Aerie.
    allowUnorderedMigrations: true,
  });
  // After migrations of a newer version, nothing is pending. The migrator would fail on the unknown migrations.
  const pending = (await migrator.getMigrations()).some(({ executedAt }) => !executedAt);
  if (pending) {
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
  }
  await grant(database, applicationRole);
  await key.register(database);
}

/** Grants access to rows only. Row security does not cover `truncate`, and only the owner may change the schema. */
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
 * Returns the names of migrations that have not run.
 *
 * @param database connected as the application role
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
