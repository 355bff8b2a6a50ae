import type { PageSettings } from '../page-settings.js';
import { clientIdAt, discover, forgetRegistration, redirectUri } from './authorization-server.js';
import { isJson, type Json, textOf } from './json.js';

/** Key of the sign-in that has begun, in the storage of this tab. */
const PENDING = 'aerie-sign-in';

/**
 * Sign-in that has begun. It must survive the redirect, so it is in the storage of this tab until the browser comes
 * back. It is worthless without the code, which can be used once. Tokens are never stored.
 */
interface PendingSignIn {
  readonly state: string;
  readonly verifier: string;
  readonly clientId: string;
  readonly issuer: string;
  readonly sendsIssuer: boolean;
  readonly tokenEndpoint: string;
}

/** Leaves the page for the authorization server (RFC 6749 §4.1.1, with PKCE and a resource indicator). */
export async function beginSignIn(settings: PageSettings, scopes: readonly string[]): Promise<void> {
  const server = await discover(settings);
  // If the browser did not come back from the last sign-in, the authorization server may not know the client anymore.
  if (takePending()) forgetRegistration(server, settings);
  const clientId = await clientIdAt(server, settings);
  const { issuer, sendsIssuer, tokenEndpoint } = server;
  const [state, verifier] = [randomText(), randomText()];
  const pending: PendingSignIn = { state, verifier, clientId, issuer, sendsIssuer, tokenEndpoint };
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  const url = new URL(server.authorizationEndpoint);
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri(settings),
    code_challenge: await challengeOf(verifier),
    code_challenge_method: 'S256',
    state,
    resource: settings.endpoint,
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  location.assign(url);
}

/**
 * Finishes a sign-in if the browser comes from the authorization server: checks `state` and `iss` (RFC 9207), removes
 * the code from the address, and exchanges it.
 *
 * @returns the access token, or undefined if there is nothing to finish
 * @throws {Error} when the sign-in failed
 */
export async function finishSignIn(settings: PageSettings): Promise<string | undefined> {
  const answer = new URLSearchParams(location.search);
  if (!answer.has('code') && !answer.has('error')) return undefined;
  history.replaceState(undefined, '', location.pathname);
  const pending = takePending();
  if (!pending || answer.get('state') !== textOf(pending, 'state')) {
    throw new Error('This sign-in was not started in this tab, or it is over. Sign in again.');
  }
  const issuer = answer.get('iss');
  if (issuer === null ? pending['sendsIssuer'] === true : issuer !== textOf(pending, 'issuer')) {
    throw new Error('The answer does not come from the authorization server of this sign-in. Sign in again.');
  }
  const code = answer.get('code');
  if (code === null) {
    const error = answer.get('error') ?? '';
    throw new Error(
      error === 'access_denied'
        ? `You did not sign in. ${answer.get('error_description') ?? ''}`
        : `The authorization server refused the sign-in: ${answer.get('error_description') ?? error}`,
    );
  }
  return exchange(settings, pending, code);
}

async function exchange(settings: PageSettings, pending: Json, code: string): Promise<string> {
  const tokenEndpoint = textOf(pending, 'tokenEndpoint') ?? '';
  const response = await fetch(tokenEndpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri(settings),
      client_id: textOf(pending, 'clientId') ?? '',
      code_verifier: textOf(pending, 'verifier') ?? '',
      resource: settings.endpoint,
    }),
  }).catch(() => {
    throw new Error(
      `This browser cannot reach ${tokenEndpoint}. An administrator must let the origin of this page call it (CORS).`,
    );
  });
  const body: unknown = await response.json().catch(() => undefined);
  const token = response.ok && isJson(body) ? textOf(body, 'access_token') : undefined;
  if (token !== undefined) return token;
  const reason = isJson(body) ? (textOf(body, 'error_description') ?? textOf(body, 'error')) : undefined;
  throw new Error(`The authorization server issued no token: ${reason ?? response.status}. Sign in again.`);
}

/** Reads and removes the sign-in that has begun: each can be finished once. */
function takePending(): Json | undefined {
  const text = sessionStorage.getItem(PENDING);
  sessionStorage.removeItem(PENDING);
  const pending: unknown = text === null ? undefined : JSON.parse(text);
  return isJson(pending) ? pending : undefined;
}

const randomText = (): string => base64Url(crypto.getRandomValues(new Uint8Array(32)));

const challengeOf = async (verifier: string): Promise<string> =>
  base64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));

const base64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
