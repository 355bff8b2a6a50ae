import type { AccessToken, ClientCredentials } from 'oidc-provider';
import { z } from 'zod';
import { accessTokenClaims } from './access-token.js';
import { findMachineClient } from './machine-clients.js';
import { findUserById } from './users.js';

const flowClaimsSchema = z.object({
  aud: z.string(),
  sub: z.string(),
  client_id: z.string(),
  scope: z.string().default(''),
  iat: z.number(),
  exp: z.number(),
});

/** Converts the claims of a token issued by a flow to Scalekit's format. */
export function issuedTokenClaims(
  token: AccessToken | ClientCredentials,
  flowClaims: unknown,
  { issuer, resourceId }: { issuer: string; resourceId: string },
): Record<string, unknown> {
  const { aud, sub, client_id: clientId, scope, iat, exp } = flowClaimsSchema.parse(flowClaims);
  return accessTokenClaims({
    issuer,
    resourceUrl: aud,
    resourceId,
    clientId,
    subject: sub,
    ...ownerOf(token),
    scope,
    issuedAt: iat,
    expiresAt: exp,
  });
}

function ownerOf(token: AccessToken | ClientCredentials): {
  organizationId: string;
  roles?: readonly string[];
  sessionId?: string;
} {
  if (token.kind === 'ClientCredentials') {
    const client = findMachineClient(token.clientId);
    if (!client) throw new Error('The client of a client credentials token is not configured.');
    return { organizationId: client.organizationId };
  }
  const user = findUserById(token.accountId);
  if (!user) throw new Error('The user of an access token does not exist.');
  return { organizationId: user.organization.id, roles: [user.role], sessionId: `ses_${token.sessionUid}` };
}
