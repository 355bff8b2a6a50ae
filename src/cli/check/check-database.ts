import { ConfigurationError } from '../../config/configuration-error.js';
import type { Configuration } from '../../config/configuration.js';
import { openServer } from '../../database/open-server.js';
import { checkServer } from '../../database/prepare-server.js';
import { DatabaseUnavailableError } from '../../database/unavailable.js';
import { connectionProblem } from '../../values/connection-problem.js';
import type { CheckFindings } from './check-findings.js';

/** Checks the roles of the database without changing anything in it. */
export async function checkDatabase({ database }: Configuration): Promise<CheckFindings> {
  if (database?.kind !== 'server') return { errors: [], warnings: [] };
  const server = await openServer({ ...database, poolSize: 1 });
  try {
    return { errors: [], warnings: await checkServer(server.control, database.migrationUrl, server.key) };
  } catch (error) {
    if (error instanceof ConfigurationError) return { errors: [error], warnings: [] };
    if (!(error instanceof DatabaseUnavailableError)) throw error;
    const warning = `The database cannot be reached from here (${connectionProblem(error.cause)}), so its roles are not checked.`;
    return { errors: [], warnings: [warning] };
  } finally {
    await server.close();
  }
}
