import { z } from 'zod';

import type { ConfigurationProblem } from './configuration-error.js';
import { httpUrl } from '../values/http-url.js';
import { parseIcons } from './icons.js';
import { readVariables } from './read-variables.js';
import { ScopeHierarchy } from '../oauth/scope-hierarchy.js';
import { SCOPE_TOKEN } from '../oauth/scope-token.js';
import { SIGNATURE_ALGORITHMS } from '../oauth/signature-algorithms.js';
import { parseDuration, parseRate, parseSize } from './units.js';

const count = z
  .string()
  .regex(/^[1-9]\d{0,6}$/)
  .transform(Number);
const port = z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(1).max(65_535));
const postgresUrl = z.url({ protocol: /^postgres(ql)?$/ });
const duration = z.string().transform((text, context) => parseDuration(text) ?? invalid(context));
const size = z.string().transform((text, context) => parseSize(text) ?? invalid(context));
/** Rate, or null for no limit. */
const rate = z
  .string()
  .transform((text, context) => (text === 'off' ? null : (parseRate(text) ?? invalid(context))));
const separatedBy = (separator: RegExp): z.ZodType<string[], string> =>
  z.string().transform((text) => text.split(separator).filter((part) => part !== ''));
const names = separatedBy(/\s*,\s*/).pipe(z.array(z.string()).min(1));

/** Path without characters that a router could interpret as a pattern. */
export const PLAIN_PATH = /^\/[\w\-./~]*$/;

/** Suffix of a range other than all addresses. With /0, each client could choose its address, so Express rejects it. */
const NOT_ALL_ADDRESSES = /\/0*[1-9]\d*$/;

/** Name that is valid in a header and as one label of a host name (RFC 1123 §2.1). */
export const INSTANCE_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

function invalid(context: z.RefinementCtx): never {
  context.addIssue({ code: 'custom' });
  return z.NEVER;
}

/** Every variable that Aerie reads, with its valid values. */
const schema = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  PORT: port.default(3002),
  HOST: z.string().optional(),
  DEV_ISSUER_PORT: port.default(3003),
  AUTH_MODE: separatedBy(/[\s,]+/)
    .pipe(z.array(z.enum(['scalekit', 'jwt', 'dev'])).min(1))
    .optional(),
  SK_ENV_URL: httpUrl.optional(),
  SK_CLIENT_ID: z.string().optional(),
  SK_CLIENT_SECRET: z.string().optional(),
  MCP_SERVER_ID: z
    .string()
    .regex(/^res_\w+$/)
    .optional(),
  EXPECTED_AUDIENCE: separatedBy(/\s*,\s*/).optional(),
  RESOURCE_URL: httpUrl.optional(),
  PROTECTED_RESOURCE_METADATA: z.string().optional(),
  SIGN_IN_SCOPES: separatedBy(/[\s,]+/)
    .pipe(z.array(z.string().regex(SCOPE_TOKEN)))
    .optional(),
  SCOPE_HIERARCHY: z
    .string()
    .transform((text, context) => ScopeHierarchy.parse(text) ?? invalid(context))
    .optional(),
  HEALTH_DETAILS_SCOPE: z.string().regex(SCOPE_TOKEN).optional(),
  REQUEST_STATE_SECRET: z.string().min(32).optional(),
  SERVER_NAME: z.string().default('aerie'),
  SERVER_TITLE: z.string().optional(),
  SERVER_VERSION: z.string().optional(),
  SERVER_WEBSITE: httpUrl.optional(),
  SERVER_ICONS: z
    .string()
    .transform((text, context) => parseIcons(text) ?? invalid(context))
    .optional(),
  SERVER_INSTRUCTIONS: z.string().optional(),
  INSUFFICIENT_SCOPE_AS: z.enum(['challenge', 'result']).default('challenge'),
  JWT_PUBLIC_KEY: z.string().optional(),
  JWT_JWKS_URI: httpUrl.optional(),
  JWT_ISSUER: names.optional(),
  JWT_AUDIENCE: names.optional(),
  JWT_ALGORITHMS: separatedBy(/[\s,]+/)
    .pipe(z.array(z.enum(SIGNATURE_ALGORITHMS)).min(1))
    .optional(),
  JWT_REQUIRED_SCOPES: separatedBy(/[\s,]+/)
    .pipe(z.array(z.string().regex(SCOPE_TOKEN)).min(1))
    .optional(),
  JWT_CLOCK_TOLERANCE: duration.pipe(z.number().max(300_000)).optional(),
  JWT_CLAIM_SUBJECT: z.string().optional(),
  JWT_CLAIM_CLIENT: z.string().optional(),
  JWT_CLAIM_ORGANIZATION: z.string().optional(),
  JWT_CLAIM_SCOPES: z.string().optional(),
  JWT_CLAIM_ROLES: z.string().optional(),
  JWT_CLAIM_PERMISSIONS: z.string().optional(),
  ALLOWED_ORIGINS: separatedBy(/[\s,]+/)
    .pipe(z.array(z.literal('*').or(httpUrl.refine((url) => new URL(url).origin === url))))
    .optional(),
  ALLOWED_HOSTS: separatedBy(/[\s,]+/)
    .pipe(z.array(z.string().regex(/^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)$/i)).min(1))
    .optional(),
  MCP_PATH: z.string().regex(PLAIN_PATH).optional(),
  BODY_LIMIT: size.default(1024 ** 2),
  MAX_JSON_DEPTH: count.pipe(z.number().max(1_000)).default(64),
  RESULT_LIMIT: size.default(4 * 1024 ** 2),
  REQUEST_TIMEOUT: duration.default(30_000),
  MAX_CONNECTIONS: count.default(20_000),
  TOOL_TIMEOUT: duration.default(60_000),
  SHUTDOWN_TIMEOUT: duration.default(30_000),
  SHUTDOWN_DELAY: duration.optional(),
  MCP_SESSIONS: z.enum(['on', 'off']).default('off'),
  MCP_SSE: z.enum(['on', 'off']).default('off'),
  SESSION_IDLE_TIMEOUT: duration.default(1_800_000),
  MAX_SESSIONS: count.default(10_000),
  MAX_SESSIONS_PER_CALLER: count.default(20),
  INSTANCE_NAME: z.string().regex(INSTANCE_NAME).optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  DATABASE_URL: postgresUrl.optional(),
  DATABASE_MIGRATION_URL: postgresUrl.optional(),
  DATABASE_TENANT_SECRET: z.string().min(32).optional(),
  DATABASE_POOL_SIZE: count.default(10),
  WORKERS: z
    .literal('auto')
    .or(
      z
        .string()
        .regex(/^[1-9]\d{0,2}$/)
        .transform(Number),
    )
    .optional(),
  TRUSTED_PROXIES: separatedBy(/[\s,]+/)
    .pipe(
      z.array(
        z.union([
          z.enum(['loopback', 'linklocal', 'uniquelocal']),
          z.ipv4(),
          z.ipv6(),
          z.cidrv4().regex(NOT_ALL_ADDRESSES),
          z.cidrv6().regex(NOT_ALL_ADDRESSES),
        ]),
      ),
    )
    .optional(),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).optional(),
  RATE_LIMIT_CALLER: rate.default({ points: 120, window: 60 }),
  RATE_LIMIT_ORGANIZATION: rate.default({ points: 1_200, window: 60 }),
  RATE_LIMIT_TOOL: rate.optional(),
  MAX_CALLS_IN_FLIGHT: count.default(1_000),
  MAX_CALLS_IN_FLIGHT_PER_ORGANIZATION: count.default(200),
  MAX_CALLS_IN_FLIGHT_PER_CALLER: count.default(100),
  MAX_STUCK_PERCENT_PER_TOOL: count.pipe(z.number().max(100)).default(20),
  MAX_BODY_BYTES: size.optional(),
  MAX_BODY_BYTES_PER_CALLER: size.optional(),
  MAX_LISTENERS: count.default(10_000),
  MAX_LISTENERS_PER_CALLER: count.default(50),
  MAX_KEPT_BYTES: size.default(32 * 1024 ** 2),
  MAX_KEPT_BYTES_PER_CALLER: size.default(4 * 1024 ** 2),
  RATE_LIMIT_INVALID_TOKENS: rate.default({ points: 30, window: 60 }),
  MAX_ORGANIZATIONS_IN_MEMORY: count.default(1_000),
  TOOL_POLICY: z.string().optional(),
  TOKEN_CACHE: duration.pipe(z.number().max(60_000)).default(60_000),
  MAX_TOKEN_LIFETIME: duration.default(86_400_000),
  STATE_DIRECTORY: z.string().default('.aerie'),
  SIGNING_KEYS_MAX_AGE: duration.default(600_000),
  SIGNING_KEYS_MAX_STALE: duration.default(86_400_000),
  SIGNING_KEYS_COOLDOWN: duration.default(10_000),
});

/** Remedies for invalid values, by variable. */
const REMEDIES: Readonly<Record<keyof Environment, string>> = {
  NODE_ENV: 'Use "production" or "development", or leave it unset.',
  PORT: 'Use a port number, 1 to 65535.',
  HOST: 'Use an address to listen on, such as 127.0.0.1 or 0.0.0.0.',
  DEV_ISSUER_PORT: 'Use a port number, 1 to 65535.',
  AUTH_MODE: 'Use "scalekit", "jwt", "dev" or two of them, such as "scalekit,jwt", or leave it unset.',
  SK_ENV_URL: 'Use the environment URL that Scalekit shows, such as https://acme.scalekit.com',
  SK_CLIENT_ID: 'Use the client id that Scalekit shows.',
  SK_CLIENT_SECRET: 'Use the client secret that Scalekit shows.',
  MCP_SERVER_ID: 'Use the id that Scalekit shows for the MCP server; it begins with "res_".',
  EXPECTED_AUDIENCE: "List the server's URL and/or its res_… id, separated by commas.",
  RESOURCE_URL: "Use the endpoint's public URL, such as https://mcp.example.com/mcp",
  PROTECTED_RESOURCE_METADATA: 'Paste the JSON that Scalekit shows, on one line.',
  SIGN_IN_SCOPES: 'List scopes, separated by spaces.',
  SCOPE_HIERARCHY: 'Use chains such as "admin > todo:write > todo:read", separated by semicolons.',
  HEALTH_DETAILS_SCOPE: 'Use one scope, such as admin, or leave it unset.',
  REQUEST_STATE_SECRET:
    'Use at least 32 random characters, the same on every instance: openssl rand -base64 32',
  SERVER_NAME: 'Use a machine-readable name, such as acme-mcp.',
  SERVER_TITLE: 'Use a display name.',
  SERVER_VERSION: 'Use a version, such as 1.0.0.',
  SERVER_WEBSITE: 'Use a URL.',
  SERVER_ICONS:
    'Use the URL of an image, or a JSON list such as [{"src":"https://example.com/icon.png","sizes":["48x48"]}]',
  SERVER_INSTRUCTIONS: 'Use instructions for models.',
  INSUFFICIENT_SCOPE_AS: 'Use "challenge" or "result".',
  JWT_PUBLIC_KEY: 'Use a public key in PEM or JWK format, preferably from a file: JWT_PUBLIC_KEY_FILE.',
  JWT_JWKS_URI: 'Use the URL of a JWK Set, such as https://login.example.com/jwks.json',
  JWT_ISSUER: 'List the "iss" values of your tokens, separated by commas.',
  JWT_AUDIENCE: 'List the accepted "aud" values, separated by commas.',
  JWT_ALGORITHMS: `List asymmetric algorithms, separated by commas: ${SIGNATURE_ALGORITHMS.join(', ')}.`,
  JWT_REQUIRED_SCOPES: 'List scopes, separated by spaces.',
  JWT_CLOCK_TOLERANCE: 'Use a duration of at most 5m, such as 10s, or leave it unset.',
  JWT_CLAIM_SUBJECT: 'Use the name of a claim.',
  JWT_CLAIM_CLIENT: 'Use the name of a claim.',
  JWT_CLAIM_ORGANIZATION: 'Use the name of a claim.',
  JWT_CLAIM_SCOPES: 'Use the name of a claim.',
  JWT_CLAIM_ROLES: 'Use the name of a claim.',
  JWT_CLAIM_PERMISSIONS: 'Use the name of a claim.',
  ALLOWED_ORIGINS:
    'List origins such as https://app.example.com (no path, no trailing slash), separated by commas.',
  ALLOWED_HOSTS: 'List host names without scheme or port, such as mcp.example.com, separated by commas.',
  MCP_PATH: 'Use a plain path that begins with a slash, such as /mcp',
  BODY_LIMIT: 'Use a size such as 512kb or 1mb.',
  MAX_JSON_DEPTH: 'Use a number from 1 to 1000, such as 64.',
  RESULT_LIMIT: 'Use a size such as 512kb or 4mb.',
  REQUEST_TIMEOUT: 'Use a duration such as 30s.',
  MAX_CONNECTIONS: 'Use a number such as 20000.',
  TOOL_TIMEOUT: 'Use a duration such as 60s.',
  SHUTDOWN_TIMEOUT: 'Use a duration such as 30s.',
  SHUTDOWN_DELAY: 'Use a duration such as 5s, or leave it unset.',
  MCP_SESSIONS: 'Use "on" or "off", or leave it unset.',
  MCP_SSE: 'Use "on" or "off", or leave it unset.',
  SESSION_IDLE_TIMEOUT: 'Use a duration such as 30m.',
  MAX_SESSIONS: 'Use a number such as 10000.',
  MAX_SESSIONS_PER_CALLER: 'Use a number such as 20.',
  INSTANCE_NAME: 'Use at most 63 letters, digits and hyphens, or leave it unset to use the host name.',
  REDIS_URL: 'Use a URL such as redis://redis:6379',
  DATABASE_URL:
    'Use a URL such as postgresql://user:password@host:5432/database, with percent-encoded parts.',
  DATABASE_MIGRATION_URL:
    'Use a URL such as postgresql://owner:password@host:5432/database, with percent-encoded parts.',
  DATABASE_TENANT_SECRET:
    'Use a random value of at least 32 characters, such as the output of: openssl rand -base64 32',
  DATABASE_POOL_SIZE: 'Use a number such as 10.',
  WORKERS: 'Use "auto" or a number of processes.',
  TRUSTED_PROXIES:
    'List addresses or ranges such as 172.16.0.0/12, or "loopback", separated by commas. A range of all addresses (/0) would let each client choose its own.',
  LOG_LEVEL: 'Use debug, info, warn, error or silent.',
  RATE_LIMIT_CALLER: 'Use a rate such as 120/min (s, min or h), or "off".',
  RATE_LIMIT_ORGANIZATION: 'Use a rate such as 1200/min (s, min or h), or "off".',
  RATE_LIMIT_TOOL: 'Use a rate such as 60/min (s, min or h), or "off".',
  MAX_CALLS_IN_FLIGHT: 'Use a number such as 1000.',
  MAX_CALLS_IN_FLIGHT_PER_ORGANIZATION: 'Use a number such as 200.',
  MAX_CALLS_IN_FLIGHT_PER_CALLER: 'Use a number such as 100.',
  MAX_STUCK_PERCENT_PER_TOOL: 'Use a percentage from 1 to 100, such as 20.',
  MAX_BODY_BYTES: 'Use a size such as 64mb, or leave it unset for 64 times BODY_LIMIT.',
  MAX_BODY_BYTES_PER_CALLER: 'Use a size such as 16mb, or leave it unset for 16 times BODY_LIMIT.',
  MAX_LISTENERS: 'Use a number such as 10000.',
  MAX_LISTENERS_PER_CALLER: 'Use a number such as 50.',
  MAX_KEPT_BYTES: 'Use a size such as 32mb.',
  MAX_KEPT_BYTES_PER_CALLER: 'Use a size such as 4mb.',
  RATE_LIMIT_INVALID_TOKENS: 'Use a rate such as 30/min (s, min or h), or "off".',
  MAX_ORGANIZATIONS_IN_MEMORY: 'Use a number such as 1000.',
  TOOL_POLICY: 'Use the path of a JSON file, such as ./tool-policy.json',
  TOKEN_CACHE: 'Use a duration of at most 60s.',
  MAX_TOKEN_LIFETIME: 'Use a duration such as 24h.',
  STATE_DIRECTORY: 'Use the path of a directory that Aerie can write to.',
  SIGNING_KEYS_MAX_AGE: 'Use a duration such as 10m.',
  SIGNING_KEYS_MAX_STALE: 'Use a duration such as 24h.',
  SIGNING_KEYS_COOLDOWN: 'Use a duration such as 10s.',
};

/** Names of all variables. */
export const VARIABLES: readonly (keyof Environment)[] = schema.keyof().options;

/** Parsed value of each variable; undefined if the variable is not set and has no default. */
export type Environment = Readonly<z.output<typeof schema>>;

/**
 * Parses every variable.
 *
 * @param problems receives one entry for each invalid variable, which then counts as not set, so that the other
 *   variables can still be checked
 */
export function parseEnvironment(
  variables: NodeJS.ProcessEnv,
  problems: ConfigurationProblem[],
): Environment {
  const texts = readVariables(VARIABLES, variables, problems);

  const unusable = schema.safeParse(texts).error?.issues.map(({ path: [name] }) => name) ?? [];
  for (const name of VARIABLES.filter((variable) => unusable.includes(variable))) {
    problems.push({ variable: name, problem: describe(name, texts[name]), remedy: REMEDIES[name] });
    texts[name] = undefined;
  }
  return schema.parse(texts);
}

/** Returns the variable of a problem, without the suffix `_FILE`. */
export const subjectOf = ({ variable }: ConfigurationProblem): string => variable.replace(/_FILE$/, '');

function describe(name: keyof Environment, text: string | undefined): string {
  if (text === undefined) return 'is not set.';
  // A URL may contain a password.
  const secret = /SECRET|^DATABASE_.*URL/.test(name) || text.includes('@');
  return secret ? 'is invalid.' : `"${text}" is invalid.`;
}

/** Whether a variable is set, even to an invalid value or an unreadable file. */
export function isGiven(
  variable: keyof Environment,
  environment: Environment,
  problems: readonly ConfigurationProblem[],
): boolean {
  return environment[variable] !== undefined || problems.some((problem) => subjectOf(problem) === variable);
}
