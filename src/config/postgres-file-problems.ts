import type { ConfigurationProblem } from './configuration-error.js';
import type { Environment } from './environment.js';
import { pemFileProblem } from './file-problem.js';
import { sinkOf } from './sections/audit.js';

const PARAMETERS = [
  ['sslrootcert', 'certificate'],
  ['sslcert', 'certificate'],
  ['sslkey', 'private key'],
] as const;

/** Finds TLS files of PostgreSQL that cannot be used. Without them, no connection can be opened. */
export const postgresFileProblems = (environment: Partial<Environment>): ConfigurationProblem[] =>
  openedUrls(environment).flatMap(([variable, url]) => {
    const { searchParams } = new URL(url);
    return PARAMETERS.flatMap(([parameter, content]) => {
      // The last one counts, as in pg.
      const problem = pemFileProblem(searchParams.getAll(parameter).at(-1), content);
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

/** Returns the URLs that the server opens, by variable. */
export function openedUrls({
  DATABASE_URL,
  DATABASE_MIGRATION_URL,
  AUDIT,
  AUDIT_DATABASE_URL,
}: Partial<Environment>): [variable: string, url: string][] {
  const hasAudit = AUDIT?.some((given) => sinkOf(given).name === 'postgres');
  const urls = { DATABASE_URL, DATABASE_MIGRATION_URL, ...(hasAudit && { AUDIT_DATABASE_URL }) };
  return Object.entries(urls).flatMap(([variable, url]) => (url === undefined ? [] : [[variable, url]]));
}
