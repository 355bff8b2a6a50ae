import { type AuthError, MissingTokenError } from './auth-errors.js';

/** What a challenge says in addition to the error. */
export interface ChallengeContext {
  /** RFC 9728 §5.1 */
  readonly resourceMetadataUrl: string;
  readonly signInScopes: readonly string[];
}

/**
 * The value of `WWW-Authenticate` for a refused request (RFC 6750 §3, RFC 9728 §5.1).
 *
 * A request without a token gets no `error`: it did nothing wrong.
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

/** RFC 6750 §3: what `error_description` may hold. */
const quotable = (text: string): string => text.replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?');
