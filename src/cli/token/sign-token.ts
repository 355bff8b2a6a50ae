import { createPrivateKey, createPublicKey, type KeyObject, randomUUID } from 'node:crypto';

import { calculateJwkThumbprint, type JWTPayload, SignJWT } from 'jose';

import { readPublicKeys } from '../../oauth/public-keys.js';
import { algorithmsOf } from '../../oauth/signature-algorithms.js';
import type { SignRequest } from './token-request.js';

/**
 * Signs an access token with a private key (claims: RFC 9068 §2.2). The key determines the algorithm. `kid` is the
 * thumbprint of the public key (RFC 7638), by which the server finds the key.
 *
 * @param pem private key
 * @returns the token as a compact JWS
 * @throws when the key cannot sign; the message does not contain the key
 */
export async function signToken(pem: string, request: Omit<SignRequest, 'do' | 'keyFile'>): Promise<string> {
  const key = privateKey(pem);
  const { keys, faults } = readPublicKeys(
    createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
  );
  const [jwk] = keys;
  const [algorithm] = jwk ? algorithmsOf(jwk) : [];
  if (!jwk || algorithm === undefined) throw new Error(`The key file ${faults.join(' ')}`);

  const [audience, ...others] = request.audiences;
  const issuedAt = Math.floor(Date.now() / 1000);
  const claims: JWTPayload = {
    ...request.claims,
    iss: request.issuer,
    sub: request.subject,
    aud: others.length === 0 ? audience : [...request.audiences],
    ...(request.client !== undefined && { client_id: request.client }),
    ...(request.organization !== undefined && { org_id: request.organization }),
    ...(request.scopes.length > 0 && { scope: request.scopes.join(' ') }),
    iat: issuedAt,
    exp: issuedAt + Math.ceil(request.expires.milliseconds / 1000),
    jti: randomUUID(),
  };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: algorithm, typ: 'JWT', kid: await calculateJwkThumbprint({ ...jwk }) })
    .sign(key);
}

function privateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new Error(
      pem.includes('PUBLIC KEY')
        ? 'The key file contains a public key. Use the private key: private.pem.'
        : 'The key file does not contain a PEM private key without a passphrase.',
    );
  }
}
