import { randomUUID } from 'node:crypto';

/** Caller of a test: the claims of its access token. */
export interface TestCaller {
  /** `sub`; default `test-user`. */
  readonly subject?: string;
  /** `client_id`; default `test-client`. */
  readonly client?: string;
  /** `org_id`; default none. */
  readonly organization?: string;
  readonly scopes?: readonly string[];
  readonly roles?: readonly string[];
  readonly permissions?: readonly string[];
  /** Further claims, which replace those above. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Lifetime of the token in seconds; negative for an expired token; default 600. */
  readonly expiresIn?: number;
}

/** Returns the claims of a caller's token (RFC 9068 §2.2), except issuer and audience. */
export function claimsOf({
  subject = 'test-user',
  client = 'test-client',
  organization,
  scopes = [],
  roles = [],
  permissions = [],
  claims = {},
  expiresIn = 600,
}: TestCaller): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return {
    sub: subject,
    client_id: client,
    ...(organization !== undefined && { org_id: organization }),
    scope: scopes.join(' '),
    roles,
    permissions,
    jti: randomUUID(),
    // The lifetime of an expired token is positive too.
    iat: Math.min(now, now + expiresIn - 60),
    exp: now + expiresIn,
    ...claims,
  };
}
