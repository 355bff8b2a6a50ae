import type { PublicJwk } from './public-jwk.js';

/**
 * Supported signature algorithms (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2). All are asymmetric, because a public
 * key must never be used as a shared secret.
 */
export const SIGNATURE_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];
type KeyType = 'RSA' | 'P-256' | 'P-384' | 'P-521' | 'Ed25519';

const KEY_TYPES: Readonly<Record<SignatureAlgorithm, KeyType>> = {
  RS256: 'RSA',
  RS384: 'RSA',
  RS512: 'RSA',
  PS256: 'RSA',
  PS384: 'RSA',
  PS512: 'RSA',
  ES256: 'P-256',
  ES384: 'P-384',
  ES512: 'P-521',
  EdDSA: 'Ed25519',
  Ed25519: 'Ed25519',
};

/** Default algorithms for a JWK Set that is fetched later. */
export const DEFAULT_ALGORITHMS: readonly SignatureAlgorithm[] = ['RS256', 'ES256', 'EdDSA', 'Ed25519'];

const DEFAULTS: Readonly<Record<KeyType, readonly SignatureAlgorithm[]>> = {
  RSA: ['RS256'],
  'P-256': ['ES256'],
  'P-384': ['ES384'],
  'P-521': ['ES512'],
  Ed25519: ['EdDSA', 'Ed25519'], // two names for the same algorithm
};

const isSignatureAlgorithm = (name: string): name is SignatureAlgorithm => Object.hasOwn(KEY_TYPES, name);

/** Returns the type of a key: "RSA", or its curve. */
export const keyTypeOf = ({ kty, crv }: PublicJwk): string => (kty === 'RSA' ? kty : (crv ?? kty));

/** Returns the algorithm that a key names, else the default algorithms for its type. */
export function algorithmsOf(key: PublicJwk): readonly SignatureAlgorithm[] {
  const type = keyTypeOf(key);
  const { alg } = key;
  if (alg !== undefined) return isSignatureAlgorithm(alg) && KEY_TYPES[alg] === type ? [alg] : [];
  return Object.entries(DEFAULTS).find(([name]) => name === type)?.[1] ?? [];
}

/** Whether a key can verify signatures of an algorithm, by its type, its curve and its own `alg`. */
export function fits(key: PublicJwk, algorithm: string): boolean {
  if (!isSignatureAlgorithm(algorithm) || KEY_TYPES[algorithm] !== keyTypeOf(key)) return false;
  return key.alg === undefined || key.alg === algorithm;
}
