import { createPrivateKey, createPublicKey, type KeyObject, randomUUID } from 'node:crypto';

import { calculateJwkThumbprint, type JWTPayload, SignJWT } from 'jose';

import { readPublicKeys } from '../../oauth/public-keys.js';
import { algorithmsOf } from '../../oauth/signature-algorithms.js';
import type { SignCommand } from './token-command.js';

/**
 * Signs an access token with a private key (claims: RFC 9068 §2.2). The key determines the algorithm. `kid` is the
 * thumbprint of the public key (RFC 7638), by which the server finds the key.
 *
 * @param pem private key
 * @returns the token as a compact JWS
 * @throws when the key cannot sign; the message does not contain the key
 */
export async function signToken(pem: string, command: Omit<SignCommand, 'do' | 'keyFile'>): Promise<string> {
  const key = privateKey(pem);
  const { keys, faults } = readPublicKeys(
    createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
  );
  const [jwk] = keys;
  const [algorithm] = jwk ? algorithmsOf(jwk) : [];
  if (!jwk || algorithm === undefined) throw new Error(`The key file ${faults.join(' ')}`);

  const [audience, ...others] = command.audiences;
  const issuedAt = Math.floor(Date.now() / 1000);
  const claims: JWTPayload = {
    ...command.claims,
    iss: command.issuer,
    sub: command.subject,
    aud: others.length === 0 ? audience : [...command.audiences],
    ...(command.client !== undefined && { client_id: command.client }),
    ...(command.organization !== undefined && { org_id: command.organization }),
    ...(command.scopes.length > 0 && { scope: command.scopes.join(' ') }),
    iat: issuedAt,
    exp: issuedAt + Math.ceil(command.expires.milliseconds / 1000),
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
