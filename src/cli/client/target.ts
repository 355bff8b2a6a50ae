import { httpUrl } from '../../values/http-url.js';
import type { Io } from '../terminal/io.js';
import { readToken } from '../terminal/read-token.js';
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
 * @throws {UsageError} when the URL is invalid
 */
export async function chooseTarget(options: ClientOptions, io: Io): Promise<Target> {
  const token = options.token === undefined ? undefined : await readToken(options.token, io);
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
  if (given !== undefined || !server || options.signIn) return { url, token: given };
  const { signDevelopmentToken } = await import('../token/development-token.js');
  const { user = 'alice', scope } = options;
  const expires = { text: '1h', milliseconds: 3_600_000 };
  return { url, token: await signDevelopmentToken({ do: 'development', user, scope, expires }, io) };
}

/** @throws {UsageError} when the URL is invalid */
export function parseEndpointUrl(given: string): URL {
  const { success, data } = httpUrl.safeParse(given);
  if (!success)
    throw new UsageError(
      `"${given}" is not the URL of an MCP endpoint, such as https://mcp.example.com/mcp.`,
    );
  return new URL(data);
}
