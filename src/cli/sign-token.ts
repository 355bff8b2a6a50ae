import { createPrivateKey, createPublicKey, type KeyObject, randomUUID } from 'node:crypto';

import { calculateJwkThumbprint, type JWTPayload, SignJWT } from 'jose';

import { readPublicKeys } from '../config/public-keys.js';
import { algorithmsOf } from '../config/signature-algorithms.js';
import type { SignCommand } from './token-command.js';

/**
 * Signs an access token (RFC 9068 §2.2 names the claims) with a private key of one's own. Its algorithm follows
 * from the key, and its `kid` is the thumbprint of the public key (RFC 7638), by which the server finds it.
 *
 * @param pem the private key
 * @returns the token, a compact JWS
 * @throws when the key cannot sign; the message says nothing of it
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
        ? 'The key file holds a public key. Tokens are signed with the private one: private.pem.'
        : 'The key file holds no private key in PEM, or one with a passphrase.',
    );
  }
}
