import { z } from 'zod';

import type { ScopeHierarchy } from '../../config/scope-hierarchy.js';
import { InvalidTokenError } from '../auth-errors.js';
import { Principal } from '../principal.js';

const strings = z.array(z.string()).catch([]);

/** The claims of a Scalekit access token that Aerie uses. */
const schema = z.object({
  sub: z.string().min(1),
  iat: z.number(),
  exp: z.number(),
  client_id: z.string().min(1).optional().catch(undefined),
  oid: z.string().min(1).optional().catch(undefined),
  org_id: z.string().min(1).optional().catch(undefined),
  scope: z.string().catch(''),
  scopes: strings,
  roles: strings,
  permissions: strings,
  jti: z.string().optional().catch(undefined),
  sid: z.string().optional().catch(undefined),
});

/** What to say of a claim that is missing or of another type. */
const FAULTS: Readonly<Record<string, string>> = {
  iat: 'The access token does not say when it was issued.',
  exp: 'The access token has no expiry.',
};

/**
 * The Principal of a verified payload.
 *
 * @param maxLifetime longest time between `iat` and `exp`, milliseconds: revocations are not kept for longer
 * @throws {InvalidTokenError} without a subject, a numeric time of issue or a numeric expiry, or when the token
 *   lives too long
 */
export function toPrincipal(payload: unknown, maxLifetime: number, hierarchy?: ScopeHierarchy): Principal {
  const parsed = schema.safeParse(payload);
  if (!parsed.success) {
    const [claim] = parsed.error.issues[0]?.path ?? [];
    throw new InvalidTokenError(FAULTS[String(claim)] ?? 'The access token names no subject.');
  }
  const claims = parsed.data;
  if ((claims.exp - claims.iat) * 1000 > maxLifetime) {
    throw new InvalidTokenError('The access token lives longer than is accepted here.');
  }
  return new Principal(
    {
      subject: claims.sub,
      clientId: claims.client_id,
      organizationId: claims.oid ?? claims.org_id,
      scopes: [...new Set([...claims.scope.split(' '), ...claims.scopes])].filter((scope) => scope !== ''),
      roles: claims.roles,
      permissions: claims.permissions,
      tokenId: claims.jti,
      sessionId: claims.sid,
      issuedAt: claims.iat,
      expiresAt: claims.exp,
    },
    hierarchy,
  );
}
