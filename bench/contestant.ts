import { built, builtIn, repository } from './paths.js';
import { AUDIENCE, type Issuer } from './issuer.js';

/** A server that can be measured. */
export interface Contestant {
  /** What its process is called. */
  readonly name: string;
  readonly command: readonly string[];
  readonly directory: string;
  /** Where its endpoint is. */
  readonly path: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Whether it is Node.js, so that it can tell what it uses. */
  readonly isMetered: boolean;
}

/** What each server is told of the tokens it will get. */
export const tokenSettings = (issuer: Issuer): NodeJS.ProcessEnv => ({
  ISSUER: issuer.url,
  AUDIENCE,
  KEYS_URL: `${issuer.url}/keys`,
});

/** Everything that production has on; limits that count but are never met. */
export const production = (issuer: Issuer): NodeJS.ProcessEnv => ({
  NODE_ENV: 'production',
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
});

/**
 * Aerie itself.
 *
 * @param tools number of tools in addition to its own
 * @param checkout folder of another version; default: this one
 */
export const aerie = (issuer: Issuer, tools: number, checkout = repository): Contestant => ({
  name: `aerie-${tools}${checkout === repository ? '' : `-of-${checkout}`}`,
  command: [process.execPath, '--enable-source-maps', builtIn(checkout, 'bench/servers/aerie.js')],
  directory: builtIn(checkout, '.'),
  path: '/mcp',
  environment: { ...production(issuer), TOOLS: String(tools) },
  isMetered: true,
});

/** What Node.js, NestJS and the SDK can do with the same request: the floors. */
export const floor = (issuer: Issuer, name: string, tools: number): Contestant => ({
  name,
  command: [process.execPath, built(`bench/servers/${name}.js`)],
  directory: built('.'),
  path: '/mcp',
  environment: { NODE_ENV: 'production', ...tokenSettings(issuer), TOOLS: String(tools) },
  isMetered: true,
});
