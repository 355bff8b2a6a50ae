import { Logger } from '@nestjs/common';
import { CompiledQuery, type DialectAdapter, Kysely, PostgresDialect, sql } from 'kysely';

import { ConfigurationError, type ConfigurationProblem } from '../config/configuration-error.js';
import { connectionProblem } from '../values/connection-problem.js';
import { migrate, MigrationError, migrationGap } from './migrate.js';
import { openPool } from './open-pool.js';
import { rowSecurityProblems } from './row-security.js';
import type { Probed, TenantKey } from './tenant-key.js';
import { DatabaseUnavailableError, isUnreachable, sqlStateOf } from './unavailable.js';

/** Key of the advisory lock for migrations, an arbitrary number that only Aerie uses. */
const MIGRATION_LOCK = 7_026_112_104;
/** Maximum time to wait for that lock, so that an instance soon listens and reports why it is not ready. */
const LOCK_TIMEOUT_MS = 30_000;
/** Maximum pause between two statements of a migration. A process that vanished holds the lock until then. */
const IDLE_TIMEOUT_MS = 60_000;
/** SQLSTATE of a lock that was not available in time. */
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Migrates the schema if a migration URL is given. Then verifies that the schema is complete and that row security
 * applies to the application role.
 *
 * @param application connected as the application role
 * @param migrationUrl connection string of the owner of the schema
 * @param key signs the organization of each transaction
 * @param lockTimeoutMs maximum time to wait for other processes that migrate the schema; 0 for no limit
 * @throws {DatabaseUnavailableError} when the server cannot be reached, or others migrate the schema for longer
 * @throws {ConfigurationError} with every problem
 */
export async function prepareServer(
  application: Kysely<unknown>,
  migrationUrl: string | undefined,
  key: TenantKey,
  lockTimeoutMs = LOCK_TIMEOUT_MS,
): Promise<void> {
  const role = await asking('DATABASE_URL', () => loginOf(application));
  if (migrationUrl !== undefined) {
    const migrating = (): Promise<void> => migrateServer(migrationUrl, role, key, lockTimeoutMs);
    await asking('DATABASE_MIGRATION_URL', migrating);
  }
  const warnings = await inspectServer(application, true, key);
  for (const warning of warnings) new Logger('Database').warn(warning);
}

/**
 * Verifies the schema and the application role. Changes nothing.
 *
 * @param isMigrated whether all migrations must have run
 * @param key key that the schema must accept; undefined if startup registers it
 * @returns warnings
 * @throws {ConfigurationError} with every problem
 * @throws {DatabaseUnavailableError} when the server cannot be reached
 */
async function inspectServer(
  application: Kysely<unknown>,
  isMigrated: boolean,
  key: TenantKey | undefined,
): Promise<string[]> {
  const [gap, role, exemptions] = await asking('DATABASE_URL', async () => {
    const login = await loginOf(application);
    return [await migrationGap(application), login, await rowSecurityProblems(application, login)] as const;
  });
  const problems: ConfigurationProblem[] = exemptions.map((exemption) => ({
    variable: 'DATABASE_URL',
    problem: `logs in as "${role}", which ${exemption}. Row security would not isolate organizations.`,
    remedy: 'Create a separate role for the application, as docs/database.md shows.',
  }));
  if (gap.breaking.length > 0) {
    problems.push({
      variable: 'DATABASE_URL',
      problem: `leads to the schema of a newer version, on which this version cannot run: ${gap.breaking.join(', ')}.`,
      remedy:
        'Start the newer version again, or restore a backup from before its migration; see docs/runbooks/restore.md.',
    });
  }
  const missing = isMigrated ? gap.missing : [];
  if (missing.length > 0) {
    problems.push({
      variable: 'DATABASE_URL',
      problem: `leads to a schema without ${missing.join(', ')}, or "${role}" cannot see them.`,
      remedy:
        'Set DATABASE_MIGRATION_URL to the role that owns the schema, then run "node dist/cli/main.js migrate" or start again.',
    });
  } else if (key && !(await asking('DATABASE_URL', () => isAccepted(application, key)))) {
    problems.push({
      variable: 'DATABASE_URL',
      problem: 'has a password, or DATABASE_TENANT_SECRET a value, that the schema does not accept.',
      remedy:
        'Set the current DATABASE_URL, DATABASE_TENANT_SECRET and DATABASE_MIGRATION_URL, then run "node dist/cli/main.js migrate" or start again.',
    });
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return gap.newer.length === 0
    ? []
    : [
        `The database has the schema of a newer version, on which this version can run: ${gap.newer.join(', ')}. Start the newer version again when you can.`,
      ];
}

/**
 * Verifies that startup would accept the server. Changes nothing.
 *
 * @param migrationUrl connection string of the owner of the schema; with it, startup runs migrations itself
 * @param key signs the organization of each transaction
 * @returns warnings
 * @throws {ConfigurationError} when startup would fail
 * @throws {DatabaseUnavailableError} when the server cannot be reached, which does not fail startup
 */
export async function checkServer(
  application: Kysely<unknown>,
  migrationUrl: string | undefined,
  key: TenantKey,
): Promise<string[]> {
  if (migrationUrl === undefined) return inspectServer(application, true, key);
  const pool = openPool(migrationUrl, 1);
  try {
    await asking('DATABASE_MIGRATION_URL', () => pool.query('select 1'));
  } finally {
    await pool.end();
  }
  return inspectServer(application, false, undefined);
}

/** Leaves out Kysely's lock, which belongs to a session: a pooler would leave it in a session of the server. */
class MigrationDialect extends PostgresDialect {
  override createAdapter(): DialectAdapter {
    return Object.assign(super.createAdapter(), {
      acquireMigrationLock: () => Promise.resolve(),
      releaseMigrationLock: () => Promise.resolve(),
    });
  }
}

/** Migrates in one transaction, under a lock that ends with it, because several instances may start together. */
async function migrateServer(
  url: string,
  applicationRole: string,
  key: TenantKey,
  lockTimeoutMs: number,
): Promise<void> {
  let failure: unknown;
  const database = new Kysely<unknown>({
    dialect: new MigrationDialect({ pool: openPool(url, 1) }),
    log: (event) => {
      if (event.level === 'error') failure ??= event.error;
    },
  });
  try {
    // At another level, an instance that waited for the lock would not see what the others have migrated.
    const transaction = database.transaction().setIsolationLevel('read committed');
    await transaction.execute(async (locked) => {
      await lock(locked, lockTimeoutMs);
      await selectPublic(locked);
      await migrate(locked, applicationRole, key);
    });
  } catch (error) {
    if (error instanceof DatabaseUnavailableError) throw error;
    // The migrator goes on after a failed statement, and its next one only fails because the transaction has failed.
    if (failure !== undefined) throw failure;
    throw error instanceof MigrationError ? unfitMigration(error) : error;
  } finally {
    await database.destroy();
  }
}

/** Waits for the lock. The statements that follow wait for locks of tables as long as they need. */
async function lock(transaction: Kysely<unknown>, timeoutMs: number): Promise<void> {
  await sql`select set_config('lock_timeout', ${String(timeoutMs)}, true),
    set_config('idle_in_transaction_session_timeout', ${String(IDLE_TIMEOUT_MS)}, true)`.execute(transaction);
  try {
    await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(transaction);
  } catch (error) {
    if (sqlStateOf(error) !== LOCK_NOT_AVAILABLE) throw error;
    const cause = new Error('another process has been migrating the schema for a long time', {
      cause: error,
    });
    throw new DatabaseUnavailableError(cause);
  }
  await sql`set local lock_timeout to default`.execute(transaction);
}

/**
 * Puts `public` first in the search path for the rest of the transaction. Otherwise, a role named like the schema
 * `aerie`, or with a search path of its own, would create tables elsewhere. The rest of its path stays, such as a schema
 * of extensions.
 */
async function selectPublic(transaction: Kysely<unknown>): Promise<void> {
  await sql`select set_config('search_path',
    concat_ws(', ', 'public', nullif(current_setting('search_path'), '')), true)`.execute(transaction);
}

/** Returns the problem of migrations that fail by themselves: the server has answered all of their statements. */
const unfitMigration = ({ message }: MigrationError): ConfigurationError =>
  new ConfigurationError([
    {
      variable: 'DATABASE_MIGRATION_URL',
      problem: `leads to a schema that cannot be migrated. ${message}`,
      remedy: 'Correct the migration, or start the previous version.',
    },
  ]);

const isAccepted = (database: Kysely<unknown>, key: TenantKey): Promise<boolean> =>
  key.isAccepted((text, values) => database.executeQuery<Probed>(CompiledQuery.raw(text, values)));

async function loginOf(database: Kysely<unknown>): Promise<string> {
  const { rows } = await sql<{ role: string }>`select session_user as role`.execute(database);
  return rows[0]?.role ?? '';
}

async function asking<Answer>(variable: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ConfigurationError || error instanceof DatabaseUnavailableError) throw error;
    if (isUnreachable(error)) throw new DatabaseUnavailableError(error);
    throw new ConfigurationError([
      {
        variable,
        problem: `leads to a server that returns an error: ${connectionProblem(error)} (${sqlStateOf(error)}).`,
        remedy:
          'Check the user, the password, the database name and the grants of the role; see docs/database.md.',
      },
    ]);
  }
}
