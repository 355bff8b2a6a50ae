import type { Environment } from './environment.js';
import { givenName } from './read-variables.js';

/** Variables that refine what others turn on. */
const REFINEMENTS: readonly (readonly [variables: RegExp, of: readonly (keyof Environment)[]])[] = [
  [/^AUDIT_/, ['AUDIT']],
  [/^METRICS_HOST$/, ['METRICS_PORT']],
  [/^RATE_LIMIT_EXACT$/, ['REDIS_URL']],
  [/^DATABASE_(POOL_SIZE|TENANT_SECRET)$/, ['DATABASE_URL']],
  [/^(SESSION_IDLE_TIMEOUT|MAX_SESSIONS(_PER_CALLER)?)$/, ['MCP_SESSIONS', 'MCP_SSE']],
];

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
  return REFINEMENTS.filter(([, of]) => of.every((name) => isOff(environment[name]))).flatMap(
    ([refining, of]) =>
      names
        .filter((name) => refining.test(name))
        .map((name) => givenName(name, variables))
        .filter((name) => !isOff(variables[name]?.trim()))
        .map((name) => `${name} has no effect without ${of.join(' or ')}.`),
  );
}

const isOff = (value: unknown): boolean => value === undefined || value === '' || value === 'off';
