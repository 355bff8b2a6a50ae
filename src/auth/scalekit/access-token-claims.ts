import { z } from 'zod';

import { InvalidTokenError } from '../auth-errors.js';
import { Principal } from '../principal.js';

const strings = z.array(z.string()).catch([]);

/** The claims of a Scalekit access token that Aerie uses. */
const schema = z.object({
  sub: z.string().min(1),
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

/**
 * The Principal of a verified payload.
 *
 * @throws {InvalidTokenError} without a subject or a numeric expiry
 */
export function toPrincipal(payload: unknown): Principal {
  const parsed = schema.safeParse(payload);
  if (!parsed.success) {
    const [claim] = parsed.error.issues[0]?.path ?? [];
    throw new InvalidTokenError(
      claim === 'exp' ? 'The access token has no expiry.' : 'The access token names no subject.',
    );
  }
  const claims = parsed.data;
  return new Principal({
    subject: claims.sub,
    clientId: claims.client_id,
    organizationId: claims.oid ?? claims.org_id,
    scopes: [...new Set([...claims.scope.split(' '), ...claims.scopes])].filter((scope) => scope !== ''),
    roles: claims.roles,
    permissions: claims.permissions,
    tokenId: claims.jti,
    sessionId: claims.sid,
    expiresAt: claims.exp,
  });
}
