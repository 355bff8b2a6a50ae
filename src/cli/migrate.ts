import { ConfigurationError } from '../config/configuration-error.js';
import { readConfiguration } from '../config/read-configuration.js';
import { PostgresServer } from '../database/postgres-server.js';
import { prepareServer } from '../database/prepare-server.js';
import { TenantKey } from '../database/tenant-key.js';
import { DatabaseUnreachableError } from '../database/unreachable.js';
import { connectionProblem } from '../values/connection-problem.js';

/**
 * Migrates the schema and checks the application's role. Prints one line with exit code 0, or every problem with exit
 * code 1. A deployment runs it before its instances, so that the instances do not need the owner's password.
 */
async function main(): Promise<string> {
  const { database } = await readConfiguration();
  if (database?.kind !== 'server' || database.migrationUrl === undefined) {
    throw new Error('Nothing to migrate: set DATABASE_URL and DATABASE_MIGRATION_URL.');
  }
  const key = await TenantKey.fromSecret(database.tenantSecret);
  const server = new PostgresServer(database.url, 1, key);
  try {
    await prepareServer(server.control, database.migrationUrl, key);
    return 'The schema is up to date, and row security applies to the application.';
  } finally {
    await server.close();
  }
}

try {
  process.stdout.write(`${await main()}\n`);
} catch (error) {
  process.stderr.write(`${wordsFor(error)}\n`);
  process.exitCode = 1;
}

function wordsFor(error: unknown): string {
  if (error instanceof DatabaseUnreachableError) {
    return `The database cannot be reached: ${connectionProblem(error.cause)}`;
  }
  if (error instanceof ConfigurationError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
