import { type AuthError, MissingTokenError } from './auth-errors.js';

/** Values for a challenge in addition to the error. */
export interface ChallengeContext {
  /** URL of the metadata document (RFC 9728 §5.1). */
  readonly resourceMetadataUrl: string;
  readonly signInScopes: readonly string[];
}

/**
 * Builds the `WWW-Authenticate` header of a rejected request (RFC 6750 §3, RFC 9728 §5.1).
 *
 * Omits `error` for a request without a token, as RFC 6750 §3.1 requires.
 */
export function challenge(error: AuthError, { resourceMetadataUrl, signInScopes }: ChallengeContext): string {
  const scopes = error.scopes ?? signInScopes;
  const parameters = [
    'realm="mcp"',
    ...(error instanceof MissingTokenError
      ? []
      : [`error="${error.code}"`, `error_description="${quotable(error.description)}"`]),
    ...(scopes.length > 0 ? [`scope="${scopes.join(' ')}"`] : []),
    `resource_metadata="${resourceMetadataUrl}"`,
  ];
  return `Bearer ${parameters.join(', ')}`;
}

/** Replaces characters that RFC 6750 §3 does not allow in `error_description`. */
const quotable = (text: string): string => text.replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?');
