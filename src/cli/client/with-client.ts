import type { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import { VERSION } from '../../version.js';
import type { Io } from '../terminal/io.js';
import { explainFailure } from './explain-failure.js';
import { fetchAsking } from './fetch-asking.js';
import { loadSdk } from './load-sdk.js';
import { closeWithoutResponse } from './lost-response.js';
import { openBrowser } from './open-browser.js';
import type { ClientOptions } from './options.js';
import { BrowserSignIn } from './sign-in.js';
import { chooseTarget, type Target } from './target.js';

/** Asks for all tools, also where other clients search them (docs/many-tools.md). */
const FULL_LISTS = { 'Aerie-Tool-Search': 'off' };

/**
 * Connects to the server and does the work there. Signs in as often as the server asks for it: the work then runs
 * again.
 */
export async function withClient<Result>(
  options: ClientOptions,
  io: Io,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const target = await chooseTarget(options, io);
  if (target.token !== undefined) {
    const headers = { ...FULL_LISTS, authorization: `Bearer ${target.token}` };
    return attempt(target, { requestInit: { headers } }, work);
  }
  const signIn = await BrowserSignIn.listen((url) => {
    io.stderr.write(`Sign in at ${url.href}\n`);
    if (options.browser) openBrowser(url);
  });
  try {
    return await withSignIn(target, signIn, options.scope, work);
  } finally {
    signIn.close();
  }
}

async function withSignIn<Result>(
  target: Target,
  signIn: BrowserSignIn,
  scope: string | undefined,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const { UnauthorizedError } = await loadSdk();
  const transportOptions = {
    authProvider: signIn,
    requestInit: { headers: FULL_LISTS },
    ...(scope !== undefined && { fetch: fetchAsking(scope) }),
  };
  for (;;) {
    let transport: StreamableHTTPClientTransport | undefined;
    try {
      return await attempt(target, transportOptions, work, (used) => (transport = used));
    } catch (error) {
      if (!(error instanceof UnauthorizedError) || !transport) throw error;
      const answer = await signIn.answer();
      const refused = answer.get('error');
      if (refused !== null) {
        throw new Error(`The sign-in failed: ${answer.get('error_description') ?? refused}`, {
          cause: error,
        });
      }
      await transport.finishAuth(answer);
    }
  }
}

type TransportOptions = ConstructorParameters<typeof StreamableHTTPClientTransport>[1];

async function attempt<Result>(
  { url }: Target,
  options: TransportOptions,
  work: (client: Client) => Promise<Result>,
  onTransport?: (transport: StreamableHTTPClientTransport) => void,
): Promise<Result> {
  const sdk = await loadSdk();
  const client = new sdk.Client(
    { name: 'aerie', version: VERSION },
    { versionNegotiation: { mode: 'auto' } },
  );
  const transport = new sdk.StreamableHTTPClientTransport(url, options);
  onTransport?.(transport);
  try {
    await client.connect(transport);
    closeWithoutResponse(transport);
    return await work(client);
  } catch (error) {
    throw explainFailure(error, url, sdk, process.env);
  } finally {
    await client.close();
  }
}
