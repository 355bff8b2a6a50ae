import { availableParallelism, hostname } from 'node:os';
import { join } from 'node:path';

import { type AuthMode, chooseAuthModes } from './auth-modes.js';
import { ConfigurationError, type ConfigurationProblem } from './configuration-error.js';
import type { Configuration } from './configuration.js';
import { deepFreeze } from '../values/deep-freeze.js';
import { DEV_RESOURCE_ID } from './dev-resource-id.js';
import {
  type Environment,
  INSTANCE_NAME,
  isGiven,
  parseEnvironment,
  subjectOf,
  VARIABLES,
} from './environment.js';
import { LOOPBACK_HOSTS, loopbackNamesOf } from '../values/loopback.js';
import { settingWarnings } from './setting-warnings.js';
import { stateDirectoryProblems } from './state-directory.js';
import { misspellings } from './misspelled.js';
import { ownKeys } from './own-keys.js';
import { givenName } from './read-variables.js';
import { audienceProblems, resourceProblems, sourceWarnings } from './resource-checks.js';
import { ScopeHierarchy } from '../oauth/scope-hierarchy.js';
import { withoutSlash } from './slash-hint.js';
import { toolPolicyProblems } from './tool-policy-document.js';
import { developmentSource, ownKeysSource, scalekitSource, type TokenSource } from './token-source.js';

/**
 * Reads and validates the whole configuration.
 *
 * @param variables environment variables, including those of a `.env` file
 * @throws {ConfigurationError} with every problem found
 */
export function loadConfiguration(variables: NodeJS.ProcessEnv): Configuration {
  const problems: ConfigurationProblem[] = [];
  const environment = parseEnvironment(variables, problems);
  const misspelled = misspellings(Object.keys(variables), VARIABLES);
  const unusable = problems.map(subjectOf);
  const production = environment.NODE_ENV === 'production';
  const authModes = chooseAuthModes(environment, problems);
  const { environmentUrl, metadata, resource, resourceVariable, resourceId } = tokenSource(
    authModes,
    environment,
    production,
    problems,
  );
  const issuers = environmentUrl
    ? [environmentUrl, ...(resourceId ? [`${environmentUrl}/resources/${resourceId}`] : [])]
    : [];
  const resourceNames = resource === undefined ? [] : production ? [resource] : loopbackNamesOf(resource);
  const audiences = environment.EXPECTED_AUDIENCE ?? [...resourceNames, ...(resourceId ? [resourceId] : [])];
  const jwt = authModes.includes('jwt') ? ownKeys(environment, resourceNames, issuers, problems) : undefined;
  if (resource !== undefined) {
    problems.push(
      ...(authModes.every((mode) => mode === 'jwt') ? [] : audienceProblems(audiences, resource, resourceId)),
      ...resourceProblems(new URL(resource), resourceVariable, production, environment.MCP_PATH),
    );
  }
  if (environment.TOOL_POLICY !== undefined) problems.push(...toolPolicyProblems(environment.TOOL_POLICY));
  const hasIssuer = authModes.includes('dev');
  const database = databaseOf(environment, production);
  if (hasIssuer || environment.REDIS_URL === undefined || database?.kind === 'embedded') {
    problems.push(...stateDirectoryProblems(environment.STATE_DIRECTORY, hasIssuer));
  }
  problems.push(...settingProblems(environment, authModes, isGiven('REDIS_URL', environment, problems)));
  if (problems.length > 0 || !metadata) {
    const values = new Map<string, unknown>(Object.entries(environment));
    // Omit follow-up problems of variables that are already reported as invalid.
    throw new ConfigurationError(
      problems
        .filter(({ variable }, index) => index < unusable.length || !unusable.includes(variable))
        .map((problem) =>
          values.get(problem.variable) !== undefined || unusable.includes(problem.variable)
            ? { ...problem, variable: givenName(problem.variable, variables) }
            : problem,
        ),
      misspelled,
    );
  }

  const resourceUrl = new URL(metadata.resource);
  const authorizationServer = metadata.authorization_servers?.[0];
  return deepFreeze<Configuration>({
    production,
    authModes,
    http: {
      port: environment.PORT,
      host: environment.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'),
      bodyLimit: environment.BODY_LIMIT,
      maxDepth: environment.MAX_JSON_DEPTH,
      requestTimeout: environment.REQUEST_TIMEOUT,
      maxConnections: environment.MAX_CONNECTIONS,
      trustedProxies: environment.TRUSTED_PROXIES ?? [],
    },
    resource: {
      url: metadata.resource,
      path: environment.MCP_PATH ?? resourceUrl.pathname,
      metadataUrl: wellKnown(resourceUrl, 'oauth-protected-resource'),
      metadata,
      authorizationServerMetadataUrl:
        authorizationServer && wellKnown(new URL(authorizationServer), 'oauth-authorization-server'),
      signInScopes: environment.SIGN_IN_SCOPES,
    },
    scalekit: environmentUrl
      ? {
          environmentUrl,
          clientId: environment.SK_CLIENT_ID,
          clientSecret: environment.SK_CLIENT_SECRET,
          issuers,
          audiences,
        }
      : undefined,
    jwt,
    signingKeys: {
      maxAge: environment.SIGNING_KEYS_MAX_AGE,
      maxStale: environment.SIGNING_KEYS_MAX_STALE,
      cooldown: environment.SIGNING_KEYS_COOLDOWN,
    },
    tokenCache: environment.TOKEN_CACHE,
    edge: {
      allowedOrigins: environment.ALLOWED_ORIGINS ?? [resourceUrl.origin],
      allowedHosts: (
        environment.ALLOWED_HOSTS ?? [resourceUrl.hostname, ...(production ? [] : LOOPBACK_HOSTS)]
      ).map((host) => host.toLowerCase()),
      allowLoopback: !production && !environment.ALLOWED_ORIGINS,
    },
    maxTokenLifetime: environment.MAX_TOKEN_LIFETIME,
    scopeHierarchy: environment.SCOPE_HIERARCHY ?? ScopeHierarchy.flat,
    healthDetailsScope: environment.HEALTH_DETAILS_SCOPE,
    insufficientScopeAs: environment.INSUFFICIENT_SCOPE_AS,
    server: {
      name: environment.SERVER_NAME,
      title: environment.SERVER_TITLE ?? (environment.SERVER_NAME === 'aerie' ? 'Aerie' : undefined),
      version: environment.SERVER_VERSION,
      websiteUrl: environment.SERVER_WEBSITE,
      icons: environment.SERVER_ICONS,
      instructions: environment.SERVER_INSTRUCTIONS,
    },
    sessions: {
      enabled: environment.MCP_SESSIONS === 'on',
      sse: environment.MCP_SSE === 'on',
      instance: environment.INSTANCE_NAME ?? hostName(),
      idleTimeout: environment.SESSION_IDLE_TIMEOUT,
      max: environment.MAX_SESSIONS,
      maxPerCaller: environment.MAX_SESSIONS_PER_CALLER,
    },
    requestStateSecret: environment.REQUEST_STATE_SECRET,
    redisUrl: environment.REDIS_URL,
    database,
    workers: environment.WORKERS === 'auto' ? availableParallelism() : (environment.WORKERS ?? 1),
    log: {
      level: environment.LOG_LEVEL ?? 'info',
      withIssuer: (environmentUrl ? 1 : 0) + (jwt?.issuers.length ?? 0) > 1,
    },
    limits: {
      caller: environment.RATE_LIMIT_CALLER ?? undefined,
      organization: environment.RATE_LIMIT_ORGANIZATION ?? undefined,
      tool: environment.RATE_LIMIT_TOOL ?? undefined,
      invalidTokens: environment.RATE_LIMIT_INVALID_TOKENS ?? undefined,
      inFlight: {
        instance: environment.MAX_CALLS_IN_FLIGHT,
        organization: environment.MAX_CALLS_IN_FLIGHT_PER_ORGANIZATION,
        caller: environment.MAX_CALLS_IN_FLIGHT_PER_CALLER,
      },
      stuckShare: environment.MAX_STUCK_PERCENT_PER_TOOL / 100,
      bodyBytes: {
        instance: environment.MAX_BODY_BYTES ?? 64 * environment.BODY_LIMIT,
        caller: environment.MAX_BODY_BYTES_PER_CALLER ?? 16 * environment.BODY_LIMIT,
      },
      keptBytes: { instance: environment.MAX_KEPT_BYTES, caller: environment.MAX_KEPT_BYTES_PER_CALLER },
      listeners: { instance: environment.MAX_LISTENERS, caller: environment.MAX_LISTENERS_PER_CALLER },
    },
    shutdownDelay: environment.SHUTDOWN_DELAY ?? (production ? 5_000 : 0),
    shutdownTimeout: environment.SHUTDOWN_TIMEOUT,
    tools: {
      timeout: environment.TOOL_TIMEOUT,
      resultLimit: environment.RESULT_LIMIT,
      maxOrganizationsInMemory: environment.MAX_ORGANIZATIONS_IN_MEMORY,
      policyFile: environment.TOOL_POLICY,
    },
    devIssuer: hasIssuer ? { port: environment.DEV_ISSUER_PORT, resourceId: DEV_RESOURCE_ID } : undefined,
    stateDirectory: environment.STATE_DIRECTORY,
    warnings: [
      ...misspelled,
      ...(environmentUrl && authorizationServer
        ? sourceWarnings(environmentUrl, authorizationServer, resourceId)
        : []),
      ...settingWarnings(environment),
    ],
  });
}

/** Selects the token source. Own keys can be used in addition to an authorization server, or instead of one. */
function tokenSource(
  authModes: readonly AuthMode[],
  environment: Environment,
  production: boolean,
  problems: ConfigurationProblem[],
): TokenSource {
  if (authModes.includes('scalekit')) return scalekitSource(environment, production, problems);
  if (authModes.includes('dev')) return developmentSource(environment, problems);
  return ownKeysSource(environment, production, problems);
}

/** Returns the configured database server, or in development an embedded database, which only one process can use. */
function databaseOf(environment: Environment, production: boolean): Configuration['database'] {
  const {
    DATABASE_URL: url,
    DATABASE_MIGRATION_URL: migrationUrl,
    DATABASE_POOL_SIZE: poolSize,
  } = environment;
  if (url !== undefined) {
    const tenantSecret = environment.DATABASE_TENANT_SECRET ?? decodeURIComponent(new URL(url).password);
    return { kind: 'server', url, migrationUrl, poolSize, tenantSecret };
  }
  if (production || (environment.WORKERS ?? 1) !== 1) return undefined;
  return { kind: 'embedded', folder: join(environment.STATE_DIRECTORY, 'database') };
}

/** Returns the host name if it is a valid instance name. */
function hostName(): string {
  const name = hostname();
  return INSTANCE_NAME.test(name) ? name : 'aerie';
}

/** Finds settings that are valid individually but not together. */
function settingProblems(
  environment: Environment,
  authModes: readonly AuthMode[],
  hasRedis: boolean,
): ConfigurationProblem[] {
  const found: ConfigurationProblem[] = [];
  const severalWorkers = environment.WORKERS !== undefined && environment.WORKERS !== 1;
  if (severalWorkers && authModes.includes('dev')) {
    found.push({
      variable: 'WORKERS',
      problem: 'requests several processes, but the embedded issuer runs in only one.',
      remedy: 'Remove it, or set SK_ENV_URL to use Scalekit.',
    });
  } else if (severalWorkers && !hasRedis) {
    found.push({
      variable: 'WORKERS',
      problem:
        'requests several processes, but without REDIS_URL each of them would count limits separately.',
      remedy: 'Set REDIS_URL, or remove WORKERS.',
    });
  }
  for (const variable of ['MCP_SESSIONS', 'MCP_SSE'] as const) {
    if (environment[variable] !== 'on' || !severalWorkers) continue;
    found.push({
      variable,
      problem:
        'keeps each session in the process that opened it, but WORKERS requests several processes on one port.',
      remedy: `Remove WORKERS and run several instances instead (docs/transports.md), or remove ${variable}.`,
    });
  }
  if (environment.DATABASE_MIGRATION_URL !== undefined && environment.DATABASE_URL === undefined) {
    found.push({
      variable: 'DATABASE_MIGRATION_URL',
      problem: 'is set without DATABASE_URL, which names the role for the queries of tools.',
      remedy: 'Set DATABASE_URL too, or remove DATABASE_MIGRATION_URL.',
    });
  }
  if (
    environment.DATABASE_URL !== undefined &&
    environment.DATABASE_TENANT_SECRET === undefined &&
    new URL(environment.DATABASE_URL).password === ''
  ) {
    found.push({
      variable: 'DATABASE_TENANT_SECRET',
      problem: 'is not set, and DATABASE_URL has no password to derive the tenant signing key from.',
      remedy:
        'Set it to a random value of at least 32 characters. Use the same value wherever DATABASE_URL is set.',
    });
  }
  if (environment.SIGNING_KEYS_MAX_STALE < environment.SIGNING_KEYS_MAX_AGE) {
    found.push({
      variable: 'SIGNING_KEYS_MAX_STALE',
      problem: 'is less than SIGNING_KEYS_MAX_AGE, so keys would be discarded before they are refreshed.',
      remedy: 'Use a longer duration, such as 24h.',
    });
  }
  const cycle = environment.SCOPE_HIERARCHY?.cycle;
  if (cycle) {
    found.push({
      variable: 'SCOPE_HIERARCHY',
      problem: `contains a cycle: ${cycle.join(' > ')}.`,
      remedy: 'Order each chain from broader to narrower scopes.',
    });
  }
  return found;
}

/** Builds `https://host/.well-known/name/a/b` from `https://host/a/b` and `name` (RFC 8414 §3.1, RFC 9728 §3.1). */
function wellKnown(url: URL, name: string): string {
  return `${url.origin}/.well-known/${name}${withoutSlash(url.pathname)}`;
}
