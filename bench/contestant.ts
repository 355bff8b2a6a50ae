import { built, builtIn, repository } from './paths.js';
import { AUDIENCE, type Issuer } from './issuer.js';
import type { BenchRedis } from './redis.js';

/** Server that can be measured. */
export interface Contestant {
  /** Name of the process. */
  readonly name: string;
  readonly command: readonly string[];
  readonly directory: string;
  /** Path of the endpoint. */
  readonly path: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Whether the server runs on Node.js, so that the meter can report its CPU time and memory. */
  readonly isMetered: boolean;
  /** Whether the server may use all cores. */
  readonly isUnpinned?: boolean;
  /** Redis that the server uses, whose commands are counted. */
  readonly redis?: BenchRedis;
}

/** Environment with the issuer, audience and key URL of the tokens. */
export const tokenSettings = (issuer: Issuer): NodeJS.ProcessEnv => ({
  ISSUER: issuer.url,
  AUDIENCE,
  KEYS_URL: `${issuer.url}/keys`,
});

/** Production environment of Aerie. Limits are counted but never reached. */
export const production = (issuer: Issuer): NodeJS.ProcessEnv => ({
  NODE_ENV: 'production',
  DEMO_TOOLS: 'on',
  HOST: '127.0.0.1',
  AUTH_MODE: 'jwt',
  JWT_PUBLIC_KEY: issuer.publicKey,
  JWT_ISSUER: issuer.url,
  RESOURCE_URL: AUDIENCE,
  ALLOWED_HOSTS: '127.0.0.1',
  LOG_LEVEL: 'info',
  RATE_LIMIT_CALLER: '2000000000/h',
  RATE_LIMIT_ORGANIZATION: '2000000000/h',
  RATE_LIMIT_TOOL: '2000000000/h',
  RATE_LIMIT_INVALID_TOKENS: '30/min',
  MAX_CALLS_IN_FLIGHT_PER_CALLER: '1000',
  MAX_CALLS_IN_FLIGHT_PER_ORGANIZATION: '1000',
});

/**
 * Aerie with the tools that every server offers, and no others.
 *
 * @param tools number of tools
 * @param checkout folder of another version; default: this one
 */
export const aerie = (issuer: Issuer, tools: number, checkout = repository): Contestant => ({
  name: `aerie-${tools}${checkout === repository ? '' : `-of-${checkout}`}`,
  command: [process.execPath, '--enable-source-maps', builtIn(checkout, 'bench/servers/aerie.js')],
  directory: builtIn(checkout, '.'),
  path: '/mcp',
  environment: { ...production(issuer), DEMO_TOOLS: 'off', TOOLS: String(tools) },
  isMetered: true,
});

/** Aerie with the tools, the resource and the prompt of the further cases in addition. */
export const withFurtherOffers = (contestant: Contestant): Contestant => ({
  ...contestant,
  environment: { ...contestant.environment, FURTHER_OFFERS: 'on' },
});

/** Aerie with metrics, traces or an audit trail, of this version only. */
export const observed = (
  issuer: Issuer,
  tools: number,
  name: string,
  settings: NodeJS.ProcessEnv,
): Contestant => {
  const usual = aerie(issuer, tools);
  return { ...usual, name: `${usual.name}, ${name}`, environment: { ...usual.environment, ...settings } };
};

/** Minimal server on Node.js, NestJS or the SDK that handles the same request. */
export const floor = (issuer: Issuer, name: string, tools: number): Contestant => ({
  name,
  command: [process.execPath, built(`bench/servers/${name}.js`)],
  directory: built('.'),
  path: '/mcp',
  environment: { NODE_ENV: 'production', ...tokenSettings(issuer), TOOLS: String(tools) },
  isMetered: true,
});
