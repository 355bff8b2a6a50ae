import type { AuthMode } from './auth-modes.js';
import type { ConfigurationProblem } from './configuration-error.js';
import { DECLARATIONS, type Environment } from './environment.js';
import { sinkOf } from './sections/audit.js';
import { portProblems } from './port-problems.js';
import { redisProblems } from './redis-problems.js';

/** Finds settings that are valid individually but not together. */
export const settingProblems = (
  environment: Environment,
  authModes: readonly AuthMode[],
  hasRedis: boolean,
): ConfigurationProblem[] => [
  ...portProblems(environment, authModes),
  ...workerProblems(environment, authModes, hasRedis),
  ...redisProblems(environment),
  ...databaseProblems(environment),
  ...auditProblems(environment),
  ...keyAgeProblems(environment),
  ...hierarchyProblems(environment),
];

function workerProblems(
  environment: Environment,
  authModes: readonly AuthMode[],
  hasRedis: boolean,
): ConfigurationProblem[] {
  if (environment.WORKERS === 1) return [];
  const found: ConfigurationProblem[] = [];
  if (authModes.includes('dev')) {
    found.push({
      variable: 'WORKERS',
      problem: 'requests several processes, but the embedded issuer runs in only one.',
      remedy: 'Remove it, or set SK_ENV_URL to use Scalekit.',
    });
  } else if (!hasRedis) {
    found.push({
      variable: 'WORKERS',
      problem:
        'requests several processes, but without REDIS_URL each of them would count limits separately.',
      remedy: 'Set REDIS_URL, or remove WORKERS.',
    });
  }
  for (const variable of ['MCP_SESSIONS', 'MCP_SSE'] as const) {
    if (environment[variable] !== 'on') continue;
    found.push({
      variable,
      problem:
        'keeps each session in the process that opened it, but WORKERS requests several processes on one port.',
      remedy: `Remove WORKERS and run several instances instead (docs/transports.md), or remove ${variable}.`,
    });
  }
  return found;
}

function databaseProblems({
  DATABASE_URL,
  DATABASE_MIGRATION_URL,
  DATABASE_TENANT_SECRET,
}: Environment): ConfigurationProblem[] {
  if (DATABASE_URL === undefined) {
    return DATABASE_MIGRATION_URL === undefined
      ? []
      : [
          {
            variable: 'DATABASE_MIGRATION_URL',
            problem: 'is set without DATABASE_URL, which names the role for the queries of tools.',
            remedy: 'Set DATABASE_URL too, or remove DATABASE_MIGRATION_URL.',
          },
        ];
  }
  return DATABASE_TENANT_SECRET !== undefined || new URL(DATABASE_URL).password !== ''
    ? []
    : [
        {
          variable: 'DATABASE_TENANT_SECRET',
          problem: 'is not set, and DATABASE_URL has no password to derive the tenant signing key from.',
          remedy:
            'Set it to a random value of at least 32 characters. Use the same value wherever DATABASE_URL is set.',
        },
      ];
}

/** Variables that sinks of the audit trail need. */
export const NEEDED_BY_SINKS = [
  ['postgres', 'AUDIT_DATABASE_URL'],
  ['webhook', 'AUDIT_WEBHOOK_URL'],
  ['webhook', 'AUDIT_WEBHOOK_SECRET'],
] as const;

function auditProblems(environment: Environment): ConfigurationProblem[] {
  const names = environment.AUDIT?.map((given) => sinkOf(given).name) ?? [];
  const found: ConfigurationProblem[] = NEEDED_BY_SINKS.filter(
    ([name, variable]) => names.includes(name) && environment[variable] === undefined,
  ).map(([name, variable]) => ({
    variable,
    problem: `is not set, but AUDIT is to write to ${name}.`,
    remedy: DECLARATIONS[variable].about.remedy,
  }));
  const { OTEL_EXPORTER_OTLP_ENDPOINT: collector, OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: logs } = environment;
  if (names.includes('otlp') && collector === undefined && logs === undefined) {
    found.push({
      variable: 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT',
      problem: 'is not set, but AUDIT is to write to otlp.',
      remedy: DECLARATIONS.OTEL_EXPORTER_OTLP_LOGS_ENDPOINT.about.remedy,
    });
  }
  if (names.includes('stdout') && !['debug', 'info'].includes(environment.LOG_LEVEL)) {
    found.push({
      variable: 'LOG_LEVEL',
      problem: `is ${environment.LOG_LEVEL}, so the log would not contain the audit records that AUDIT sends to stdout.`,
      remedy: 'Use info, or another sink in AUDIT.',
    });
  }
  return found;
}

const keyAgeProblems = (environment: Environment): ConfigurationProblem[] =>
  environment.SIGNING_KEYS_MAX_STALE >= environment.SIGNING_KEYS_MAX_AGE
    ? []
    : [
        {
          variable: 'SIGNING_KEYS_MAX_STALE',
          problem: 'is less than SIGNING_KEYS_MAX_AGE, so keys would be discarded before they are refreshed.',
          remedy: 'Use a longer duration, such as 24h.',
        },
      ];

function hierarchyProblems({ SCOPE_HIERARCHY }: Environment): ConfigurationProblem[] {
  const cycle = SCOPE_HIERARCHY?.cycle;
  return cycle
    ? [
        {
          variable: 'SCOPE_HIERARCHY',
          problem: `contains a cycle: ${cycle.join(' > ')}.`,
          remedy: 'Order each chain from broader to narrower scopes.',
        },
      ]
    : [];
}
