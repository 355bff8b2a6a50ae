import { type Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';

import { messageOf } from '../values/trace-of.js';
import { MIGRATIONS } from './migrations/index.js';
import type { TenantKey } from './tenant-key.js';

/** Thrown when a migration fails, or when the migrations cannot run at all. The cause says why. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';

  /** @param migration name of the migration that failed; undefined if none has begun */
  constructor(migration: string | undefined, cause: unknown) {
    const what = migration === undefined ? 'The migrations' : `The migration ${migration}`;
    super(`${what} failed: ${messageOf(cause)}`, { cause });
  }
}

/**
 * Runs pending migrations and grants the application role access. The caller must hold the migration lock.
 *
 * @param database connected as the owner of the schema
 * @param applicationRole role of the queries of tools
 * @param key signs the organization of each transaction
 * @throws {MigrationError} for the first migration that fails; all migrations are rolled back
 */
export async function migrate(
  database: Kysely<unknown>,
  applicationRole: string,
  key: TenantKey,
): Promise<void> {
  const { missing, newer, breaking } = await migrationGap(database);
  // This version must not change a schema that it cannot run on.
  if (breaking.length === 0) {
    if (missing.length > 0) await runPending(database, newer);
    await recordCompatibility(database);
  }
  await grant(database, applicationRole);
  await key.register(database);
}

/** @param newer executed migrations of a newer version, which the migrator would otherwise report as missing */
async function runPending(database: Kysely<unknown>, newer: readonly string[]): Promise<void> {
  const executed = Object.fromEntries(newer.map((name) => [name, { up: () => Promise.resolve() }]));
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: () => Promise.resolve({ ...executed, ...MIGRATIONS }) },
    // A deployment adds its own migrations, which may sort after a new one of Aerie.
    allowUnorderedMigrations: true,
  });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error === undefined) return;
  throw new MigrationError(results.find(({ status }) => status === 'Error')?.migrationName, error);
}

async function recordCompatibility(database: Kysely<unknown>): Promise<void> {
  const compatible = Object.keys(MIGRATIONS).filter((name) => MIGRATIONS[name]?.olderVersionsMayRun);
  await sql`update public.kysely_migration set older_versions_may_run = true
    where name in (${sql.join(compatible)}) and not older_versions_may_run`.execute(database);
}

/** Grants access to rows only. Row security does not cover `truncate`, and only the owner may change the schema. */
async function grant(database: Kysely<unknown>, applicationRole: string): Promise<void> {
  const role = sql.id(applicationRole);
  const { rows } = await sql<{ id: string; name: string }>`
    select oid::text as id, relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relforcerowsecurity
      and pg_get_userbyid(relowner) = current_user`.execute(database);
  await sql`grant usage on schema public, aerie to ${role}`.execute(database);
  await sql`grant select on public.kysely_migration to ${role}`.execute(database);
  for (const { name } of rows) {
    await sql`grant select, insert, update, delete on ${sql.table(`public.${name}`)} to ${role}`.execute(
      database,
    );
  }
  const tables = rows.map(({ id }) => id);
  for (const { schema, name } of await sequencesOf(database, tables)) {
    await sql`grant usage on sequence ${sql.id(schema, name)} to ${role}`.execute(database);
  }
}

/** Returns the sequences of `serial` columns, which an insert uses. Those of identity columns need no grant. */
async function sequencesOf(
  database: Kysely<unknown>,
  tables: readonly string[],
): Promise<readonly { readonly schema: string; readonly name: string }[]> {
  const { rows } = await sql<{ schema: string; name: string }>`
    select nspname as schema, relname as name
    from pg_depend
    join pg_class on pg_class.oid = objid and relkind = 'S'
    join pg_namespace on pg_namespace.oid = relnamespace
    where classid = 'pg_class'::regclass and refclassid = 'pg_class'::regclass and deptype = 'a'
      and refobjid = any(${tables}::oid[])`.execute(database);
  return rows;
}

/** Migrations that the schema and this version do not have in common. */
export interface MigrationGap {
  /** Migrations that have not run, or all of them if the role cannot see them. */
  readonly missing: readonly string[];
  /** Migrations of a newer version on whose schema older versions may run. */
  readonly newer: readonly string[];
  /** Migrations of a newer version on whose schema this version cannot run. */
  readonly breaking: readonly string[];
}

/** @param database connected as a role that may read the migrations */
export async function migrationGap(database: Kysely<unknown>): Promise<MigrationGap> {
  const {
    rows: [found],
  } = await sql<{ readable: boolean | null }>`
    select has_table_privilege(to_regclass('public.kysely_migration'), 'SELECT') as readable`.execute(
    database,
  );
  const known = Object.keys(MIGRATIONS);
  if (found?.readable !== true) return { missing: known, newer: [], breaking: [] };
  // The schema of an older version does not have the column yet.
  const { rows } = await sql<{ name: string; compatible: boolean }>`
    select name, coalesce(to_jsonb(migration) ->> 'older_versions_may_run', 'false')::boolean as compatible
    from public.kysely_migration as migration order by name`.execute(database);
  const unknown = rows.filter(({ name }) => !Object.hasOwn(MIGRATIONS, name));
  const executed = new Set(rows.map(({ name }) => name));
  return {
    missing: known.filter((name) => !executed.has(name)),
    newer: unknown.filter(({ compatible }) => compatible).map(({ name }) => name),
    breaking: unknown.filter(({ compatible }) => !compatible).map(({ name }) => name),
  };
}
