import { httpUrl } from '../../values/http-url.js';
import type { Io } from '../terminal/io.js';
import { readSentToken } from '../terminal/read-token.js';
import { UsageError } from '../terminal/usage-error.js';
import type { ClientOptions } from './options.js';

/** Server to call. */
export interface Target {
  readonly url: URL;
  /** Access token; undefined if the user signs in. */
  readonly token: string | undefined;
}

/**
 * Chooses the server and the token.
 *
 * @throws {UsageError} when the URL or the token is invalid, or an option has no effect
 */
export async function chooseTarget(options: ClientOptions, io: Io): Promise<Target> {
  const token = options.token === undefined ? undefined : await readSentToken(options.token, io);
  return options.url === undefined
    ? localTarget(options, token, io)
    : { url: parseEndpointUrl(options.url), token };
}

/** Chooses the server that runs from this folder, else the configured one. */
async function localTarget(options: ClientOptions, given: string | undefined, io: Io): Promise<Target> {
  const [{ readConfiguration }, { localServer }] = await Promise.all([
    import('../../config/read-configuration.js'),
    import('../terminal/local-server.js'),
  ]);
  const { stateDirectory, resource } = await readConfiguration();
  const server = await localServer(stateDirectory, resource.url);
  const url = new URL(server?.url ?? resource.url);
  const { user = 'alice', scope } = options;
  if (!server) {
    if (options.user !== undefined)
      throw new UsageError(
        '--user needs a server with an embedded issuer that runs from this folder. Start it.',
      );
    io.stderr.write(`No server runs from this folder, so this calls ${url.href}.\n`);
  }
  if (!server || given !== undefined || options.signIn) return { url, token: given };
  const { signDevelopmentToken } = await import('../token/development-token.js');
  const request = { do: 'development', user, scope, expires: undefined } as const;
  return { url, token: await signDevelopmentToken(request, io) };
}

/** @throws {UsageError} when the URL is invalid */
export function parseEndpointUrl(given: string): URL {
  const { success, data } = httpUrl.safeParse(given);
  const { username = '', password = '' } = URL.parse(given) ?? {};
  // Without a scheme, a user name looks like one.
  if (username !== '' || password !== '' || (!success && given.includes('@')))
    throw new UsageError('The URL must not contain a user name or a password. Use --token.');
  if (!success)
    throw new UsageError(
      `"${given}" is not the URL of an MCP endpoint, such as https://mcp.example.com/mcp.`,
    );
  return new URL(data);
}
