import { z } from 'zod';

import type { ScopeHierarchy } from '../../config/scope-hierarchy.js';
import { InvalidTokenError } from '../auth-errors.js';
import { Principal } from '../principal.js';
import { readLifetime } from '../token-lifetime.js';

const strings = z.array(z.string()).catch([]);

/** The claims of a Scalekit access token that Aerie uses. */
const schema = z.object({
  sub: z.string().min(1),
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

/**
 * The Principal of a verified payload.
 *
 * @param issuer the environment, whichever of Scalekit's two issuers the token names
 * @param maxLifetime longest time between `iat` and `exp`, milliseconds: revocations are not kept for longer
 * @throws {InvalidTokenError} without a subject, a numeric time of issue or a numeric expiry, or when the token
 *   lives too long
 */
export function toPrincipal(
  issuer: string,
  payload: unknown,
  maxLifetime: number,
  hierarchy?: ScopeHierarchy,
): Principal {
  const { success, data: claims } = schema.safeParse(payload);
  if (!success) throw new InvalidTokenError('no_subject');
  return new Principal(
    {
      issuer,
      subject: claims.sub,
      clientId: claims.client_id,
      organizationId: claims.oid ?? claims.org_id,
      scopes: [...new Set([...claims.scope.split(' '), ...claims.scopes])].filter((scope) => scope !== ''),
      roles: claims.roles,
      permissions: claims.permissions,
      tokenId: claims.jti,
      sessionId: claims.sid,
      ...readLifetime(payload, maxLifetime),
    },
    hierarchy,
  );
}
