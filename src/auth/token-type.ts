import { InvalidTokenError } from './auth-errors.js';

/** Accepted types of an access token (RFC 9068 §2.1, RFC 7519 §5.1). Some issuers omit the type. */
const ACCESS_TOKEN_TYPE = /^(application\/)?(at\+)?jwt$/i;

/**
 * Rejects ID tokens, logout tokens and any other tokens that an issuer signs with the same key (RFC 8725 §3.11).
 *
 * @param type `typ` of the protected header; a media type, whose `application/` may be omitted (RFC 7515 §4.1.9)
 * @throws {InvalidTokenError} unless the type is missing or is that of an access token
 */
export function requireAccessTokenType(type: unknown): void {
  if (type === undefined) return;
  if (typeof type === 'string' && ACCESS_TOKEN_TYPE.test(type)) return;
  throw new InvalidTokenError('wrong_type');
}
