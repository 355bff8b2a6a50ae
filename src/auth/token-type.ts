import { InvalidTokenError } from './auth-errors.js';

/** Accepted types of an access token (RFC 9068 §2.1, RFC 7519 §5.1). Some issuers omit the type. */
const ACCESS_TOKEN_TYPES: readonly unknown[] = ['at+jwt', 'application/at+jwt', 'jwt'];

/**
 * Rejects ID tokens, logout tokens and any other tokens that an issuer signs with the same key (RFC 8725 §3.11).
 *
 * @param type `typ` of the protected header; media types are case-insensitive (RFC 2045 §5.1)
 * @throws {InvalidTokenError} unless the type is missing or is that of an access token
 */
export function requireAccessTokenType(type: unknown): void {
  if (type === undefined) return;
  if (typeof type === 'string' && ACCESS_TOKEN_TYPES.includes(type.toLowerCase())) return;
  throw new InvalidTokenError('wrong_type');
}
