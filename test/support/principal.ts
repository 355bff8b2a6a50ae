import { Principal, type PrincipalClaims } from '../../src/auth/principal.js';

/** Creates a Principal from the members that a test needs. */
export const aPrincipal = (claims: Partial<PrincipalClaims> = {}): Principal =>
  new Principal({
    issuer: 'https://issuer.example',
    subject: 'usr_1',
    clientId: 'skc_1',
    organizationId: undefined,
    scopes: [],
    roles: [],
    permissions: [],
    tokenId: undefined,
    sessionId: undefined,
    issuedAt: Math.floor(Date.now() / 1000) - 1,
    expiresAt: Math.floor(Date.now() / 1000) + 60,
    ...claims,
  });
