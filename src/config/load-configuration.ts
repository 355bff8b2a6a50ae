import { availableParallelism } from 'node:os';

import { ConfigurationError, type ConfigurationProblem } from './configuration-error.js';
import type { Configuration } from './configuration.js';
import { deepFreeze } from './deep-freeze.js';
import { type Environment, parseEnvironment, PLAIN_PATH } from './environment.js';
import {
  parseProtectedResourceMetadata,
  type ProtectedResourceMetadata,
} from './protected-resource-metadata.js';

/** The id under which the embedded issuer knows this server, as Scalekit's dashboard would assign one. */
const DEV_RESOURCE_ID = 'res_100000000000000001';
/** The names of this machine, as a URL's `hostname` has them. */
export const LOOPBACK_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Reads, checks and derives the whole configuration.
 *
 * @param variables environment variables, those of a `.env` file already merged in
 * @throws {ConfigurationError} with every problem found
 */
export function loadConfiguration(variables: NodeJS.ProcessEnv): Configuration {
  const problems: ConfigurationProblem[] = [];
  const environment = parseEnvironment(variables, problems);
  const unusable = problems.map(({ variable }) => variable);
  const production = environment.NODE_ENV === 'production';
  const authMode =
    environment.AUTH_MODE ?? (isGiven('SK_ENV_URL', environment, problems) ? 'scalekit' : 'dev');
  const source =
    authMode === 'dev' ? development(environment, problems) : scalekit(environment, production, problems);

  const { environmentUrl, metadata, resource, resourceVariable, resourceId } = source;
  const audiences =
    environment.EXPECTED_AUDIENCE ?? [resource, resourceId].filter((value) => value !== undefined);
  if (resource !== undefined) {
    problems.push(
      ...audienceProblems(audiences, resource, resourceId),
      ...resourceProblems(new URL(resource), resourceVariable, production, environment.MCP_PATH),
    );
  }
  const severalWorkers = environment.WORKERS !== undefined && environment.WORKERS !== 1;
  if (severalWorkers && authMode === 'dev') {
    problems.push({
      variable: 'WORKERS',
      problem: 'asks for several processes, but the embedded issuer lives in one.',
      remedy: 'Remove it, or set SK_ENV_URL to use Scalekit.',
    });
  } else if (severalWorkers && !isGiven('REDIS_URL', environment, problems)) {
    problems.push({
      variable: 'WORKERS',
      problem: 'asks for several processes, but without REDIS_URL each would count limits for itself.',
      remedy: 'Set REDIS_URL, or remove WORKERS.',
    });
  }
  if (environment.SIGNING_KEYS_MAX_STALE < environment.SIGNING_KEYS_MAX_AGE) {
    problems.push({
      variable: 'SIGNING_KEYS_MAX_STALE',
      problem:
        'is less than SIGNING_KEYS_MAX_AGE, so keys would be given up before they are due to be fetched again.',
      remedy: 'Use a longer duration, such as 24h.',
    });
  }
  if (problems.length > 0 || !metadata || !environmentUrl) {
    // What follows from an unusable value would only repeat its problem in other words.
    throw new ConfigurationError(
      problems.filter(({ variable }, index) => index < unusable.length || !unusable.includes(variable)),
    );
  }

  const resourceUrl = new URL(metadata.resource);
  const [authorizationServer] = metadata.authorization_servers;
  return deepFreeze<Configuration>({
    production,
    authMode,
    http: {
      port: environment.PORT,
      host: environment.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'),
      bodyLimit: environment.BODY_LIMIT,
      requestTimeout: environment.REQUEST_TIMEOUT,
      trustedProxies: environment.TRUSTED_PROXIES ?? [],
    },
    resource: {
      url: metadata.resource,
      path: environment.MCP_PATH ?? resourceUrl.pathname,
      metadataUrl: wellKnown(resourceUrl, 'oauth-protected-resource'),
      metadata,
      authorizationServerMetadataUrl: wellKnown(new URL(authorizationServer), 'oauth-authorization-server'),
      signInScopes: environment.SIGN_IN_SCOPES,
    },
    scalekit: {
      environmentUrl,
      clientId: environment.SK_CLIENT_ID,
      clientSecret: environment.SK_CLIENT_SECRET,
      issuers: [environmentUrl, ...(resourceId ? [`${environmentUrl}/resources/${resourceId}`] : [])],
      audiences,
    },
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
    redisUrl: environment.REDIS_URL,
    workers: environment.WORKERS === 'auto' ? availableParallelism() : (environment.WORKERS ?? 1),
    log: { level: environment.LOG_LEVEL ?? 'info' },
    limits: {
      caller: environment.RATE_LIMIT_CALLER ?? undefined,
      organization: environment.RATE_LIMIT_ORGANIZATION ?? undefined,
      tool: environment.RATE_LIMIT_TOOL ?? undefined,
      invalidTokens: environment.RATE_LIMIT_INVALID_TOKENS ?? undefined,
      inFlight: {
        instance: environment.MAX_CALLS_IN_FLIGHT,
        organization: environment.MAX_CALLS_IN_FLIGHT_PER_ORGANIZATION,
      },
    },
    shutdownDelay: environment.SHUTDOWN_DELAY ?? (production ? 5_000 : 0),
    shutdownTimeout: environment.SHUTDOWN_TIMEOUT,
    tools: { timeout: environment.TOOL_TIMEOUT, resultLimit: environment.RESULT_LIMIT },
    devIssuer:
      authMode === 'dev' ? { port: environment.DEV_ISSUER_PORT, resourceId: DEV_RESOURCE_ID } : undefined,
    stateDirectory: environment.STATE_DIRECTORY,
    warnings: warnings(environmentUrl, authorizationServer, resourceId),
  });
}

/** Where the tokens come from and what they are for, as far as that could be made out. */
interface TokenSource {
  readonly environmentUrl: string | undefined;
  readonly metadata: ProtectedResourceMetadata | undefined;
  readonly resource: string | undefined;
  /** The variable that the resource comes from. */
  readonly resourceVariable: string;
  readonly resourceId: string | undefined;
}

/** Whether a variable has a value, be it an unusable one. */
function isGiven(
  variable: keyof Environment,
  environment: Environment,
  problems: readonly ConfigurationProblem[],
): boolean {
  return environment[variable] !== undefined || problems.some((problem) => problem.variable === variable);
}

function development(environment: Environment, problems: ConfigurationProblem[]): TokenSource {
  if (environment.NODE_ENV === 'production') {
    problems.push({
      variable: environment.AUTH_MODE ? 'AUTH_MODE' : 'SK_ENV_URL',
      problem: environment.AUTH_MODE
        ? 'is "dev" with NODE_ENV=production: the embedded issuer signs anybody in.'
        : 'is needed with NODE_ENV=production: the embedded issuer signs anybody in.',
      remedy: environment.AUTH_MODE
        ? 'Remove it, and set SK_ENV_URL to the environment URL that Scalekit shows.'
        : 'Set the environment URL that Scalekit shows, such as https://acme.scalekit.com',
    });
  }
  if (environment.PROTECTED_RESOURCE_METADATA) {
    problems.push({
      variable: 'PROTECTED_RESOURCE_METADATA',
      problem: 'is set, but tokens would come from the embedded issuer, which describes itself.',
      remedy: 'Set SK_ENV_URL as well to use Scalekit, or remove it to use the embedded issuer.',
    });
  }
  if (environment.PORT === environment.DEV_ISSUER_PORT) {
    problems.push({
      variable: 'DEV_ISSUER_PORT',
      problem: `is ${environment.PORT}, and so is PORT.`,
      remedy: 'Choose two different ports.',
    });
  }
  const environmentUrl = `http://localhost:${environment.DEV_ISSUER_PORT}`;
  const resource = environment.RESOURCE_URL ?? `http://localhost:${environment.PORT}/mcp`;
  return {
    environmentUrl,
    metadata: deriveMetadata(environmentUrl, DEV_RESOURCE_ID, resource),
    resource: environment.NODE_ENV === 'production' ? environment.RESOURCE_URL : resource,
    resourceVariable: 'RESOURCE_URL',
    resourceId: DEV_RESOURCE_ID,
  };
}

function scalekit(
  environment: Environment,
  production: boolean,
  problems: ConfigurationProblem[],
): TokenSource {
  const environmentUrl = scalekitEnvironmentUrl(environment.SK_ENV_URL, production, problems);
  const { MCP_SERVER_ID, RESOURCE_URL, PROTECTED_RESOURCE_METADATA: json } = environment;
  if (json !== undefined) {
    const metadata = parseProtectedResourceMetadata(json, problems);
    const resourceId = /\/resources\/(res_\w+)$/.exec(metadata?.authorization_servers[0] ?? '')?.[1];
    if (metadata) problems.push(...contradictions(environment, metadata, resourceId));
    return {
      environmentUrl,
      metadata,
      resource: metadata?.resource,
      resourceVariable: 'PROTECTED_RESOURCE_METADATA',
      resourceId: resourceId ?? MCP_SERVER_ID,
    };
  }
  const missing = (['MCP_SERVER_ID', 'RESOURCE_URL'] as const).filter(
    (variable) => !isGiven(variable, environment, problems),
  );
  if (missing.length > 0) {
    problems.push({
      variable: 'PROTECTED_RESOURCE_METADATA',
      problem: `is not set, and ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set either.`,
      remedy: 'Paste the JSON that Scalekit shows for the MCP server, or set MCP_SERVER_ID and RESOURCE_URL.',
    });
  }
  const derivable = environmentUrl && MCP_SERVER_ID && RESOURCE_URL;
  return {
    environmentUrl,
    metadata: derivable ? deriveMetadata(environmentUrl, MCP_SERVER_ID, RESOURCE_URL) : undefined,
    resource: RESOURCE_URL,
    resourceVariable: 'RESOURCE_URL',
    resourceId: MCP_SERVER_ID,
  };
}

function scalekitEnvironmentUrl(
  text: string | undefined,
  production: boolean,
  problems: ConfigurationProblem[],
): string | undefined {
  if (text === undefined) {
    problems.push({
      variable: 'SK_ENV_URL',
      problem: 'is not set, but AUTH_MODE is "scalekit".',
      remedy: 'Set the environment URL that Scalekit shows, such as https://acme.scalekit.com',
    });
    return undefined;
  }
  const url = new URL(text);
  if (url.pathname !== '/' || url.search || url.hash) {
    problems.push({
      variable: 'SK_ENV_URL',
      problem: `"${text}" has a path: it is the root of the environment, not of one server.`,
      remedy: `Use ${url.origin}`,
    });
    return undefined;
  }
  if (production && url.protocol === 'http:') {
    problems.push({
      variable: 'SK_ENV_URL',
      problem: `"${text}" is not https, so anybody on the way could hand out signing keys.`,
      remedy: 'Use the https URL that Scalekit shows.',
    });
  }
  return url.origin;
}

function deriveMetadata(
  environmentUrl: string,
  resourceId: string,
  resource: string,
): ProtectedResourceMetadata {
  return {
    resource,
    authorization_servers: [`${environmentUrl}/resources/${resourceId}`],
    bearer_methods_supported: ['header'],
  };
}

function contradictions(
  environment: Environment,
  metadata: ProtectedResourceMetadata,
  resourceId: string | undefined,
): ConfigurationProblem[] {
  const problems: ConfigurationProblem[] = [];
  if (environment.RESOURCE_URL && environment.RESOURCE_URL !== metadata.resource) {
    problems.push({
      variable: 'RESOURCE_URL',
      problem: `is "${environment.RESOURCE_URL}", but the metadata's resource is "${metadata.resource}"${slashHint(environment.RESOURCE_URL, metadata.resource)}.`,
      remedy: 'Remove RESOURCE_URL, or register this very URL in Scalekit and paste the new metadata.',
    });
  }
  if (environment.MCP_SERVER_ID && resourceId && environment.MCP_SERVER_ID !== resourceId) {
    problems.push({
      variable: 'MCP_SERVER_ID',
      problem: `is "${environment.MCP_SERVER_ID}", but the metadata's authorization server is that of "${resourceId}".`,
      remedy: 'Remove MCP_SERVER_ID, or paste the metadata of the server that it names.',
    });
  }
  return problems;
}

function audienceProblems(
  audiences: readonly string[],
  resource: string,
  resourceId: string | undefined,
): ConfigurationProblem[] {
  if (audiences.some((audience) => audience === resource || audience === resourceId)) return [];
  const nearly = audiences.find((audience) => withoutSlash(audience) === withoutSlash(resource));
  return [
    {
      variable: 'EXPECTED_AUDIENCE',
      problem: `lists ${audiences.map((audience) => `"${audience}"`).join(', ') || 'nothing'}, which is not this server: its resource is "${resource}"${nearly ? slashHint(nearly, resource) : ''}.`,
      remedy: `Use ${[resource, ...(resourceId ? [resourceId] : [])].join(' and/or ')}`,
    },
  ];
}

function resourceProblems(
  resource: URL,
  variable: string,
  production: boolean,
  path = resource.pathname,
): ConfigurationProblem[] {
  const problems: ConfigurationProblem[] = [];
  if (production && resource.protocol === 'http:') {
    problems.push({
      variable,
      problem: `the resource "${resource.href}" is not https: tokens would travel in the clear.`,
      remedy: 'Put a proxy with TLS in front and use its https URL, here and in Scalekit.',
    });
  }
  if (resource.search || resource.hash) {
    problems.push({
      variable,
      problem: `the resource "${resource.href}" has a query or a fragment.`,
      remedy: 'Use a URL of scheme, host and path only.',
    });
  }
  if (!PLAIN_PATH.test(path)) {
    problems.push({
      variable,
      problem: `the path "${path}" has characters that a route cannot have.`,
      remedy: 'Use letters, digits and - . _ ~ between the slashes.',
    });
  }
  if (/^\/(health|\.well-known)(\/|$)/i.test(path)) {
    problems.push({
      variable,
      problem: `the path "${path}" is taken.`,
      remedy: 'Use another path, such as /mcp',
    });
  }
  return problems;
}

function warnings(
  environmentUrl: string,
  authorizationServer: string,
  resourceId: string | undefined,
): string[] {
  const found: string[] = [];
  if (new URL(authorizationServer).origin !== environmentUrl) {
    found.push(
      `The metadata sends clients to ${authorizationServer}, but SK_ENV_URL is ${environmentUrl}: tokens of another environment are refused.`,
    );
  }
  if (!resourceId) {
    found.push(
      'Neither MCP_SERVER_ID nor the metadata tells the res_… id: tokens whose issuer is {environment}/resources/{id} are refused.',
    );
  }
  return found;
}

/** `https://host/a/b` and `name` → `https://host/.well-known/name/a/b` (RFC 8414 §3.1, RFC 9728 §3.1). */
function wellKnown(url: URL, name: string): string {
  return `${url.origin}/.well-known/${name}${withoutSlash(url.pathname)}`;
}

const withoutSlash = (text: string): string => text.replace(/\/$/, '');
const slashHint = (a: string, b: string): string =>
  withoutSlash(a) === withoutSlash(b) ? ' (mind the trailing slash)' : '';
