import type { FetchLike } from '@modelcontextprotocol/client';

import { requireScopes } from '../terminal/require-scopes.js';

const HAS_CHALLENGE = [401, 403];

/**
 * Creates a `fetch` for a sign-in with these scopes. The SDK registers the client with the scopes of the challenge and asks
 * for them, even if its user has chosen others. So the challenge gets the chosen scopes, and keeps its own if the token
 * lacks them.
 *
 * @throws {UsageError} when the scopes are invalid
 */
export function fetchAsking(scope: string): FetchLike {
  requireScopes('scope', scope);
  return async (url, init) => {
    const response = await fetch(url, init);
    const { status, statusText } = response;
    if (!HAS_CHALLENGE.includes(status)) return response;
    const headers = new Headers(response.headers);
    const challenge = headers.get('www-authenticate') ?? '';
    const named = status === 403 ? /\bscope="([^"]*)"/i.exec(challenge)?.[1] : undefined;
    const scopes = named === undefined ? scope : `${scope} ${named}`;
    // The SDK reads the first "scope".
    headers.set('www-authenticate', `Bearer scope="${scopes}", ${challenge.replace(/^Bearer +/i, '')}`);
    return new Response(response.body, { status, statusText, headers });
  };
}
