import type { Environment } from './environment.js';
import { givenName } from './read-variables.js';
import { sinkOf } from './sections/audit.js';
import { NEEDED_BY_SINKS } from './setting-problems.js';

/** Variables that refine what others turn on. */
const REFINEMENTS: readonly (readonly [variables: RegExp, of: readonly (keyof Environment)[]])[] = [
  [/^AUDIT_/, ['AUDIT']],
  [/^METRICS_HOST$/, ['METRICS_PORT']],
  [/^RATE_LIMIT_EXACT$/, ['REDIS_URL']],
  [/^DATABASE_(POOL_SIZE|TENANT_SECRET)$/, ['DATABASE_URL']],
  [/^(SESSION_IDLE_TIMEOUT|MAX_SESSIONS(_PER_CALLER)?)$/, ['MCP_SESSIONS', 'MCP_SSE']],
];

/** Variables that only some sinks of the audit trail use. `audit prune` uses the days for PostgreSQL. */
const USED_BY_SINKS = [
  ['AUDIT_DIRECTORY', ['file']],
  ['AUDIT_RETENTION_DAYS', ['file', 'postgres']],
  ...NEEDED_BY_SINKS.map(([sink, variable]) => [variable, [sink]] as const),
] as const;

/**
 * Warns about variables of Aerie that have no effect, because what they refine is off.
 *
 * @param environment parsed values. What turns something on is undefined or `off` by default.
 * @param names all variables of Aerie
 */
export function unusedWarnings(
  environment: Environment,
  variables: NodeJS.ProcessEnv,
  names: readonly string[],
): string[] {
  const warningsOf = (candidates: readonly string[], needed: string): string[] =>
    candidates
      .map((name) => givenName(name, variables))
      .filter((name) => !isOff(variables[name]?.trim()))
      .map((name) => `${name} has no effect without ${needed}.`);
  const refining = REFINEMENTS.filter(([, of]) => of.every((name) => isOff(environment[name])));
  const sinks = environment.AUDIT?.map((given) => sinkOf(given).name);
  const unused = USED_BY_SINKS.filter(([, of]) => sinks && !of.some((sink) => sinks.includes(sink)));
  return [
    ...refining.flatMap(([pattern, of]) =>
      warningsOf(
        names.filter((name) => pattern.test(name)),
        of.join(' or '),
      ),
    ),
    ...unused.flatMap(([variable, of]) => warningsOf([variable], `${of.join(' or ')} in AUDIT`)),
  ];
}

const isOff = (value: unknown): boolean => value === undefined || value === '' || value === 'off';
