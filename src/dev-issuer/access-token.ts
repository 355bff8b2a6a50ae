import { importJWK, SignJWT } from 'jose';
import { newIdentifier } from './identifiers.js';
import { parseScope } from './scopes.js';
import type { SigningKey } from './signing-key.js';

/** Content of an access token. Times are in seconds since the epoch. */
export interface AccessTokenContent {
  readonly issuer: string;
  readonly resourceUrl: string;
  readonly resourceId: string;
  readonly clientId: string;
  /** User id, or the client id of a machine client (RFC 9068 §2.2). */
  readonly subject: string;
  readonly organizationId: string;
  readonly roles?: readonly string[] | undefined;
  readonly sessionId?: string | undefined;
  readonly scope: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** Creates claims in Scalekit's format, with a new `jti`. */
export function accessTokenClaims(content: AccessTokenContent): Record<string, unknown> {
  return {
    iss: content.issuer,
    aud: [content.resourceUrl, content.resourceId],
    sub: content.subject,
    client_id: content.clientId,
    oid: content.organizationId,
    resid: content.resourceId,
    roles: content.roles,
    scope: content.scope,
    scopes: parseScope(content.scope),
    sid: content.sessionId,
    jti: newIdentifier('tkn'),
    iat: content.issuedAt,
    nbf: content.issuedAt,
    exp: content.expiresAt,
  };
}

/** `typ` in the protected header (RFC 7515 §4). */
export const ACCESS_TOKEN_TYPE = 'JWT';

/** Signs claims as a compact JWS. Omits undefined claims and header members. */
export async function signClaims(
  claims: Record<string, unknown>,
  key: SigningKey,
  header: Record<string, unknown> = {},
): Promise<string> {
  return new SignJWT(withoutUndefined(claims))
    .setProtectedHeader({
      alg: key.alg,
      ...withoutUndefined({ typ: ACCESS_TOKEN_TYPE, kid: key.kid, ...header }),
    })
    .sign(await importJWK(key, key.alg));
}

function withoutUndefined(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
