import { z } from 'zod';

import type { ScopeHierarchy } from '../../oauth/scope-hierarchy.js';
import { InvalidTokenError } from '../auth-errors.js';
import type { ClaimValues } from '../declared-claims.js';
import { Principal } from '../principal.js';
import { readLifetime } from '../token-lifetime.js';

const strings = z.array(z.string()).catch([]);

/** Claims of a Scalekit access token that Aerie uses. */
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
 * Converts a verified payload into a Principal.
 *
 * @param issuer environment URL, for tokens of either of Scalekit's two issuers
 * @param maxLifetime maximum time between `iat` and `exp`, milliseconds; revocations are not kept longer
 * @param declared claims that the application declares
 * @throws {InvalidTokenError} when the subject, a numeric `iat` or a numeric `exp` is missing, or when the lifetime
 *   exceeds the maximum
 */
export function toPrincipal(
  issuer: string,
  payload: unknown,
  maxLifetime: number,
  hierarchy?: ScopeHierarchy,
  declared?: ClaimValues,
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
    declared,
  );
}
