import type { IncomingMessage } from 'node:http';

import { countHeader } from '../values/count-header.js';
import { InvalidRequestError, MissingTokenError } from './auth-errors.js';

/** Usual prefix of the header. The scheme is case-insensitive (RFC 9110 §11.1). */
const USUAL_SCHEME = 'Bearer ';

/**
 * Reads the bearer token of a request (RFC 6750 §2.1, the only method that MCP allows).
 *
 * @throws {MissingTokenError} without an Authorization header of the Bearer scheme
 * @throws {InvalidRequestError} for an empty or multi-part value, two headers, or a token in the query string
 */
export function bearerToken(request: Pick<IncomingMessage, 'headers' | 'rawHeaders' | 'url'>): string {
  if (hasTokenInQuery(request.url)) {
    throw new InvalidRequestError(
      'token_in_query',
      'The access token must be in the Authorization header, not in the query string.',
    );
  }
  const header = request.headers.authorization;
  if (header === undefined) throw new MissingTokenError();
  if (countHeader(request.rawHeaders, 'authorization') > 1) {
    throw new InvalidRequestError('several_tokens', 'The request has more than one Authorization header.');
  }
  if (isUsual(header)) return header.slice(USUAL_SCHEME.length);
  const [scheme, token, ...rest] = header.trim().split(/ +/);
  if (scheme?.toLowerCase() !== 'bearer') throw new MissingTokenError();
  if (!token || rest.length > 0) {
    throw new InvalidRequestError(
      'malformed_header',
      'The Authorization header must have the form: Bearer <token>.',
    );
  }
  return token;
}

/** Whether a header is the usual prefix and one token, so that it need not be split. */
const isUsual = (header: string): boolean =>
  header.startsWith(USUAL_SCHEME) &&
  header.length > USUAL_SCHEME.length &&
  !header.includes(' ', USUAL_SCHEME.length);

function hasTokenInQuery(url: string | undefined): boolean {
  const start = url?.indexOf('?') ?? -1;
  return start >= 0 && new URLSearchParams(url?.slice(start)).has('access_token');
}
