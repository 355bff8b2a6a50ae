import type { ConfigurationProblem } from './configuration-error.js';
import type { Environment } from './environment.js';
import { fileProblem } from './file-problem.js';

const VARIABLES = ['DATABASE_URL', 'DATABASE_MIGRATION_URL', 'AUDIT_DATABASE_URL'] as const;
const PARAMETERS = ['sslrootcert', 'sslcert', 'sslkey'] as const;

/** Finds TLS files of PostgreSQL that cannot be read. Without them, no connection can be opened. */
export const postgresFileProblems = (environment: Partial<Environment>): ConfigurationProblem[] =>
  VARIABLES.flatMap((variable) => {
    const url = environment[variable];
    if (url === undefined) return [];
    const { searchParams } = new URL(url);
    return PARAMETERS.flatMap((parameter) => {
      // The last one counts, as in pg.
      const problem = fileProblem(searchParams.getAll(parameter).at(-1));
      return problem === undefined
        ? []
        : [
            {
              variable,
              problem: `has a parameter ${parameter} that ${problem}`,
              remedy: 'Name a file in PEM that the server can read, or remove the parameter.',
            },
          ];
    });
  });
