import { Kysely, PostgresDialect, sql } from 'kysely';

import { ConfigurationError, type ConfigurationProblem } from '../config/configuration-error.js';
import { migrate, missingMigrations } from './migrate.js';
import { openPool } from './open-pool.js';
import { rowSecurityProblems } from './row-security.js';
import type { TenantKey } from './tenant-key.js';
import { DatabaseUnreachableError, isUnreachable, reasonOf, sqlStateOf } from './unreachable.js';

/** Key of the advisory lock that whoever migrates holds; any number that is Aerie's own. */
const MIGRATION_LOCK = 7_026_112_104;

/**
 * Migrates where it is given the role to do so, then sees that the schema is complete and that row security holds for
 * the application's role.
 *
 * @param application connected as the application's role
 * @param migrationUrl connection string of the role that owns the schema
 * @param key what the application signs the organization of its transactions with
 * @throws {DatabaseUnreachableError} when there is no server
 * @throws {ConfigurationError} with everything that is wrong
 */
export async function prepareServer(
  application: Kysely<unknown>,
  migrationUrl: string | undefined,
  key: TenantKey,
): Promise<void> {
  const role = await asking('DATABASE_URL', () => loginOf(application));
  if (migrationUrl !== undefined)
    await asking('DATABASE_MIGRATION_URL', () => migrateServer(migrationUrl, role, key));
  await inspectServer(application, missingMigrations, key);
}

/**
 * Looks whether the application's role is fit; changes nothing.
 *
 * @param findMissing finds the migrations that are missing
 * @param key must be known to the schema; undefined: the start registers it
 * @throws {ConfigurationError} with every reason why it is not
 * @throws {DatabaseUnreachableError} when the server is away
 */
async function inspectServer(
  application: Kysely<unknown>,
  findMissing: (application: Kysely<unknown>) => Promise<readonly string[]>,
  key: TenantKey | undefined,
): Promise<void> {
  const [missing, role, exemptions] = await asking('DATABASE_URL', async () => {
    const login = await loginOf(application);
    return [await findMissing(application), login, await rowSecurityProblems(application, login)] as const;
  });
  const problems: ConfigurationProblem[] = exemptions.map((exemption) => ({
    variable: 'DATABASE_URL',
    problem: `logs in as "${role}", which ${exemption}; so row security would not keep organizations apart.`,
    remedy: 'Use a role of its own for the application, as docs/database.md makes one.',
  }));
  if (missing.length > 0) {
    problems.push({
      variable: 'DATABASE_URL',
      problem: `leads to a schema without ${missing.join(', ')}, as far as "${role}" can see.`,
      remedy:
        'Set DATABASE_MIGRATION_URL to the role that owns the schema, for this start or for "node dist/cli/migrate.js".',
    });
  } else if (key && !(await asking('DATABASE_URL', () => key.isAccepted(application)))) {
    problems.push({
      variable: 'DATABASE_URL',
      problem: 'has a password that the schema does not know yet.',
      remedy:
        'Run "node dist/cli/migrate.js" with the new DATABASE_URL and DATABASE_MIGRATION_URL, or set both for this start.',
    });
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
}

/**
 * Looks whether a start would find the server fit; changes nothing.
 *
 * @param migrationUrl with it, a start brings the schema up to date itself
 * @param key what the application signs the organization of its transactions with
 * @throws {ConfigurationError} when the start would stop
 * @throws {DatabaseUnreachableError} when the server is away, which does not stop the start
 */
export async function checkServer(
  application: Kysely<unknown>,
  migrationUrl: string | undefined,
  key: TenantKey,
): Promise<void> {
  if (migrationUrl === undefined) return inspectServer(application, missingMigrations, key);
  const pool = openPool(migrationUrl, 1);
  try {
    await asking('DATABASE_MIGRATION_URL', () => pool.query('select 1'));
  } finally {
    await pool.end();
  }
  return inspectServer(application, () => Promise.resolve([]), undefined);
}

/** One at a time, also of several instances that start together. */
async function migrateServer(url: string, applicationRole: string, key: TenantKey): Promise<void> {
  const pool = openPool(url, 2);
  const database = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    await database.connection().execute(async (locked) => {
      await sql`select pg_advisory_lock(${MIGRATION_LOCK})`.execute(locked);
      try {
        await migrate(database, applicationRole, key);
      } finally {
        await sql`select pg_advisory_unlock(${MIGRATION_LOCK})`.execute(locked);
      }
    });
  } finally {
    await database.destroy();
  }
}

async function loginOf(database: Kysely<unknown>): Promise<string> {
  const { rows } = await sql<{ role: string }>`select session_user as role`.execute(database);
  return rows[0]?.role ?? '';
}

async function asking<Answer>(variable: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (isUnreachable(error)) throw new DatabaseUnreachableError(error);
    throw new ConfigurationError([
      {
        variable,
        problem: `leads to a server that answers: ${reasonOf(error)} (${sqlStateOf(error)}).`,
        remedy:
          'Check user, password, name of the database, and what that role may do; see docs/database.md.',
      },
    ]);
  }
}
