import { createRemoteJWKSet, jwtVerify } from 'jose';

const keys = createRemoteJWKSet(new URL(process.env['KEYS_URL'] ?? ''));
const expiries = new Map<string, number>();

/**
 * Verifies a bearer token's signature, issuer, audience and expiry, and caches it until it expires.
 *
 * @throws {Error} if the token is invalid
 */
export async function verifyBearer(authorization = ''): Promise<void> {
  const expiry = expiries.get(authorization);
  if (expiry !== undefined && Date.now() < expiry) return;
  const { payload } = await jwtVerify(authorization.replace(/^Bearer /, ''), keys, {
    issuer: process.env['ISSUER'] ?? '',
    audience: process.env['AUDIENCE'] ?? '',
    algorithms: ['RS256'],
    requiredClaims: ['exp'],
  });
  expiries.set(authorization, (payload.exp ?? 0) * 1000);
}
