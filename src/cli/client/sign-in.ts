import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';

import type {
  OAuthClientMetadata,
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';

import { listen } from '../../values/listen.js';
import { within } from '../../values/within.js';

/** Maximum sign-ins in one command: the first, and one for more scopes. */
const MAX_SIGN_INS = 2;
const SIGN_IN_TIMEOUT_MS = 300_000;
const PAGE = '<!doctype html><title>Aerie</title><p>You can close this page and return to the terminal.</p>';

/**
 * Sign-in through the browser with a redirect to this machine (RFC 8252 §7.3). The SDK discovers the authorization
 * server, registers the client and uses PKCE. Everything stays in memory.
 */
export class BrowserSignIn implements OAuthClientProvider {
  readonly redirectUrl: string;
  readonly clientMetadata: OAuthClientMetadata;
  readonly #server: Server;
  readonly #open: (url: URL) => void;
  readonly #answers: URLSearchParams[] = [];
  #awaited: ((answer: URLSearchParams) => void) | undefined;
  /** State of the sign-in that is open; undefined if none is. */
  #state: string | undefined;
  #signIns = 0;
  #verifier = '';
  #registration: StoredOAuthClientInformation | undefined;
  #tokens: StoredOAuthTokens | undefined;
  #discovery: OAuthDiscoveryState | undefined;

  private constructor(server: Server, port: number, open: (url: URL) => void) {
    this.#server = server;
    this.#open = open;
    this.redirectUrl = `http://127.0.0.1:${port}/callback`;
    this.clientMetadata = {
      client_name: 'Aerie command line',
      redirect_uris: [this.redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    };
    server.on('request', (request, response) => {
      const answer = this.#answerIn(request.url ?? '/');
      response.writeHead(answer ? 200 : 404, { 'content-type': 'text/html', connection: 'close' });
      response.end(answer && PAGE);
      if (answer) this.#receive(answer);
    });
  }

  /** @param open shows the authorization URL to the user */
  static async listen(open: (url: URL) => void): Promise<BrowserSignIn> {
    const server = createServer();
    return new BrowserSignIn(server, await listen(server), open);
  }

  /** Waits for the authorization response. */
  async answer(): Promise<URLSearchParams> {
    const early = this.#answers.shift();
    if (early) return early;
    const answered = new Promise<URLSearchParams>((resolve) => {
      this.#awaited = resolve;
    });
    try {
      return await within(
        SIGN_IN_TIMEOUT_MS,
        answered,
        () => new Error('Nobody signed in within 5 minutes.'),
      );
    } finally {
      this.#awaited = undefined;
    }
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Returns the authorization response in a URL. Only it has the state, which a page elsewhere cannot know. */
  #answerIn(path: string): URLSearchParams | undefined {
    const url = URL.parse(path, this.redirectUrl);
    const isAnswer =
      url?.pathname === '/callback' &&
      this.#state !== undefined &&
      url.searchParams.get('state') === this.#state;
    return isAnswer ? url.searchParams : undefined;
  }

  #receive(answer: URLSearchParams): void {
    this.#state = undefined;
    if (this.#awaited) this.#awaited(answer);
    else this.#answers.push(answer);
  }

  state(): string {
    this.#state = randomBytes(16).toString('base64url');
    return this.#state;
  }
  clientInformation(): StoredOAuthClientInformation | undefined {
    return this.#registration;
  }
  saveClientInformation(information: StoredOAuthClientInformation): void {
    this.#registration = information;
  }
  tokens(): StoredOAuthTokens | undefined {
    return this.#tokens;
  }
  saveTokens(tokens: StoredOAuthTokens): void {
    this.#tokens = tokens;
  }
  redirectToAuthorization(url: URL): void {
    // A hostile server must not make the system open another kind of address.
    if (!['http:', 'https:'].includes(url.protocol)) {
      throw new Error(`The authorization endpoint ${url.protocol} is not an address of the web.`);
    }
    if (++this.#signIns > MAX_SIGN_INS) {
      throw new Error(`The server still refuses after ${MAX_SIGN_INS} sign-ins.`);
    }
    this.#open(url);
  }
  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }
  codeVerifier(): string {
    return this.#verifier;
  }
  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.#discovery = state;
  }
  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#discovery;
  }
}
