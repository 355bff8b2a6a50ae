import { hash, randomBytes } from 'node:crypto';

/** Choices of a user on the development issuer's sign-in page. */
export interface SignInChoice {
  /** Login name of a demo user. */
  user?: string;
  decision?: 'allow' | 'deny';
}

const MAX_REDIRECTS = 10;

/**
 * Acts as a minimal browser: opens an authorization URL, answers the sign-in page, follows redirects with cookies.
 *
 * @returns the authorization response (RFC 6749 §4.1.2): the client's redirect URI with its parameters, not fetched
 */
export async function signIn(
  authorizationUrl: string | URL,
  { user = 'alice', decision = 'allow' }: SignInChoice = {},
): Promise<URL> {
  const browser = new Browser(new URL(authorizationUrl).origin);
  const arrived = await browser.open(new URL(authorizationUrl));
  if (arrived instanceof URL) return arrived;

  const answered = await browser.submit(arrived, new URLSearchParams({ user, decision }));
  if (answered instanceof URL) return answered;
  throw new Error(`The sign-in did not lead back to the client: ${summaryOf(answered.body)}`);
}

/** Page at the end of redirects. */
interface Page {
  readonly url: URL;
  readonly body: string;
}

class Browser {
  readonly #cookies: StoredCookie[] = [];
  readonly #home: string;

  constructor(home: string) {
    this.#home = home;
  }

  /** Follows redirects within the issuer; a redirect that leaves it is the result. */
  async open(url: URL, init: RequestInit = {}): Promise<Page | URL> {
    let response = await this.#send(url, init);
    for (let redirects = 0; redirects < MAX_REDIRECTS; redirects++) {
      const location = response.headers.get('location');
      if (!location) return { url, body: await response.text() };
      url = new URL(location, url);
      if (url.origin !== this.#home) return url;
      response = await this.#send(url, {});
    }
    throw new Error(`More than ${MAX_REDIRECTS} redirects, the last to ${url.href}`);
  }

  /** Sends the page's form with these values. */
  async submit(page: Page, values: URLSearchParams): Promise<Page | URL> {
    const form = /<form\b[^>]*method="post"[^>]*>/i.exec(page.body)?.[0];
    if (!form) throw new Error(`There is no sign-in form at ${page.url.pathname}: ${summaryOf(page.body)}`);
    const action = /action="([^"]*)"/i.exec(form)?.[1] ?? '';
    const headers = { origin: page.url.origin };
    return this.open(new URL(action, page.url), { method: 'POST', body: values, headers });
  }

  async #send(url: URL, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    const cookies = this.#cookies.filter(({ path }) => isBelow(url.pathname, path));
    if (cookies.length > 0) headers.set('cookie', cookies.map(({ pair }) => pair).join('; '));
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    response.headers.getSetCookie().forEach((header) => this.#store(header));
    return response;
  }

  #store(header: string): void {
    const [pair = '', ...attributes] = header.split(';').map((part) => part.trim());
    const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice('path='.length) ?? '/';
    const name = pair.split('=')[0];
    const known = this.#cookies.findIndex(
      (cookie) => cookie.path === path && cookie.pair.split('=')[0] === name,
    );
    if (known >= 0) this.#cookies.splice(known, 1);
    if (pair !== `${name}=`) this.#cookies.push({ pair, path });
  }
}

interface StoredCookie {
  readonly pair: string;
  readonly path: string;
}

/** Path matching of cookies (RFC 6265 §5.1.4). */
function isBelow(pathname: string, path: string): boolean {
  return pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
}

function summaryOf(body: string): string {
  const main = /<main>(.*?)<\/main>/s.exec(body)?.[1] ?? body;
  return main
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 300);
}

/** Response of the token endpoint (RFC 6749 §5). */
export interface TokenResponse {
  status: number;
  access_token?: string;
  refresh_token?: string;
  id_token?: string;
  scope?: string;
  error?: string;
  error_description?: string;
}

/** Public OAuth client without a library, so that a test sees each message. */
export class OAuthClient {
  readonly #verifier = randomBytes(32).toString('base64url');

  constructor(
    /** Issuer identifier of the authorization server. */
    readonly issuer: string,
    readonly clientId: string,
    readonly redirectUri = 'http://127.0.0.1:33418/callback',
  ) {}

  /** Registers dynamically (RFC 7591). */
  static async register(issuer: string, metadata: Record<string, unknown> = {}): Promise<OAuthClient> {
    const discovery = await fetch(`${issuer}/.well-known/oauth-authorization-server`);
    const { registration_endpoint: endpoint } = (await discovery.json()) as { registration_endpoint: string };
    const redirectUris = (metadata.redirect_uris as string[] | undefined) ?? ['http://127.0.0.1/callback'];
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        client_name: 'Test client',
        token_endpoint_auth_method: 'none',
        ...metadata,
        redirect_uris: redirectUris,
      }),
    });
    if (response.status !== 201) throw new Error(`Registration failed: ${await response.text()}`);
    const { client_id: clientId } = (await response.json()) as { client_id: string };
    return new OAuthClient(issuer, clientId, metadata.redirect_uris ? redirectUris[0] : undefined);
  }

  /** Builds an authorization request with PKCE (RFC 7636). Omits undefined parameters. */
  authorizationUrl(parameters: Record<string, string | undefined> = {}): URL {
    const url = new URL(`${this.issuer}/oauth/authorize`);
    const all = {
      response_type: 'code',
      client_id: this.clientId,
      redirect_uri: this.redirectUri,
      code_challenge: hash('sha256', this.#verifier, 'base64url'),
      code_challenge_method: 'S256',
      state: 'xyz',
      ...parameters,
    };
    for (const [name, value] of Object.entries(all)) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    return url;
  }

  /** Signs in and exchanges the code. */
  async obtainTokens(
    parameters: Record<string, string | undefined> = {},
    choice: SignInChoice = {},
  ): Promise<TokenResponse> {
    const callback = await signIn(this.authorizationUrl(parameters), choice);
    const code = callback.searchParams.get('code');
    if (!code) throw new Error(`No code came back: ${callback.search}`);
    return this.exchange(code);
  }

  exchange(code: string, parameters: Record<string, string> = {}): Promise<TokenResponse> {
    return this.token({
      grant_type: 'authorization_code',
      code,
      redirect_uri: this.redirectUri,
      code_verifier: this.#verifier,
      ...parameters,
    });
  }

  refresh(refreshToken = '', parameters: Record<string, string> = {}): Promise<TokenResponse> {
    return this.token({ grant_type: 'refresh_token', refresh_token: refreshToken, ...parameters });
  }

  async token(parameters: Record<string, string>): Promise<TokenResponse> {
    const response = await this.#post('token', parameters);
    return { status: response.status, ...((await response.json()) as object) };
  }

  /** Revokes a token (RFC 7009). */
  async revoke(token = ''): Promise<number> {
    return (await this.#post('revoke', { token })).status;
  }

  #post(endpoint: string, parameters: Record<string, string>): Promise<Response> {
    const body = new URLSearchParams({ client_id: this.clientId, ...parameters });
    return fetch(`${this.issuer}/oauth/${endpoint}`, { method: 'POST', body });
  }
}
