import { generateKeyPairSync } from 'node:crypto';

import { SignJWT } from 'jose';

const RESOURCE_URL = 'https://localhost/mcp';
const ISSUER = 'https://issuer.example.com';
const ALGORITHM = 'RS256';

/** Signing key of the server's operator, and the tokens of its callers. */
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** Settings with which a server accepts the tokens. */
export const TOKEN_SETTINGS = {
  AUTH_MODE: 'jwt',
  RESOURCE_URL,
  JWT_ISSUER: ISSUER,
  JWT_PUBLIC_KEY: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  JWT_CLAIM_ORGANIZATION: 'oid',
};

/** @param id distinguishes tokens of the same caller */
export const signToken = (
  subject: string,
  organization: string,
  scope = 'usr:read',
  id = 0,
): Promise<string> =>
  new SignJWT({ oid: organization, scope })
    .setProtectedHeader({ alg: ALGORITHM, typ: 'at+jwt' })
    .setIssuer(ISSUER)
    .setAudience(RESOURCE_URL)
    .setSubject(subject)
    .setJti(`${id}`)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey);
