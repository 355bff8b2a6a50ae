import { accessTokenClaims, signClaims } from './access-token.js';
import { newIdentifier } from './identifiers.js';
import { parseScope, userMayHave } from './scopes.js';
import type { SigningKey } from './signing-key.js';
import { requireUser } from './users.js';

/** `client_id` of tokens that no client requested. */
const DIRECT_TOKEN_CLIENT_ID = 'skc_100000000000000001';

/** Request for an access token without an authorization flow. */
export interface DirectTokenRequest {
  readonly key: SigningKey;
  readonly issuer: string;
  readonly resourceUrl: string;
  readonly resourceId: string;
  /** Login name of a demo user. */
  readonly user: string;
  readonly scope: string;
  readonly expiresInSeconds: number;
  /** Overrides claims; undefined removes a claim. */
  readonly claims?: Record<string, unknown> | undefined;
  /** Overrides members of the protected header; undefined removes a member. */
  readonly header?: Record<string, unknown> | undefined;
}

/**
 * Signs the token.
 *
 * @throws {Error} when the user is unknown or may not have a scope
 */
export async function signDirectToken(request: DirectTokenRequest): Promise<string> {
  const user = requireUser(request.user);
  const refused = parseScope(request.scope).filter((scope) => !userMayHave(user, scope));
  if (refused.length > 0) {
    throw new Error(
      `${user.login} may not have ${refused.join(', ')}: ${user.name} may have ${user.access}.`,
    );
  }

  const issuedAt = Math.floor(Date.now() / 1000);
  const claims = accessTokenClaims({
    issuer: request.issuer,
    resourceUrl: request.resourceUrl,
    resourceId: request.resourceId,
    clientId: DIRECT_TOKEN_CLIENT_ID,
    subject: user.id,
    organizationId: user.organization.id,
    roles: [user.role],
    sessionId: newIdentifier('ses'),
    scope: request.scope,
    issuedAt,
    expiresAt: issuedAt + request.expiresInSeconds,
  });
  return signClaims({ ...claims, ...request.claims }, request.key, request.header);
}
