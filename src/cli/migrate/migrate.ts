import { readConfiguration } from '../../config/read-configuration.js';
import { openServer } from '../../database/open-server.js';
import { prepareServer } from '../../database/prepare-server.js';
import { DatabaseUnavailableError } from '../../database/unavailable.js';
import { connectionProblem } from '../../values/connection-problem.js';

/** The command has nothing else to do than wait for others that migrate. */
const NO_LOCK_TIMEOUT = 0;

/**
 * Migrates the schema and checks the application's role.
 *
 * @throws with every problem
 */
export async function migrate(): Promise<string> {
  const { database } = await readConfiguration();
  if (database?.kind !== 'server' || database.migrationUrl === undefined) {
    throw new Error('Nothing to migrate: set DATABASE_URL and DATABASE_MIGRATION_URL.');
  }
  const server = await openServer({ ...database, poolSize: 1 });
  try {
    await prepareServer(server.control, database.migrationUrl, server.key, NO_LOCK_TIMEOUT);
    return 'The schema is up to date, and row security applies to the application.';
  } catch (error) {
    if (!(error instanceof DatabaseUnavailableError)) throw error;
    throw new Error(`The database cannot be reached: ${connectionProblem(error.cause)}`, { cause: error });
  } finally {
    await server.close();
  }
}
