import { calculateJwkThumbprint } from 'jose';

import type { PublicJwk } from '../../oauth/public-jwk.js';
import { fits } from '../../oauth/signature-algorithms.js';
import type { KeySet } from '../signing-keys/signing-keys.js';
import type { UnverifiedToken } from '../unverified-token.js';

/** Public keys that verify tokens. */
export interface VerificationKeys extends KeySet {
  readonly keys: readonly {
    readonly jwk: PublicJwk;
    /** `kid` of the key, else its thumbprint (RFC 7638), which tokens may use as `kid`. */
    readonly keyId: string;
  }[];
}

export async function verificationKeys(jwks: readonly PublicJwk[]): Promise<VerificationKeys> {
  const keys = await Promise.all(
    jwks.map(async (jwk) => ({ jwk, keyId: jwk.kid ?? (await calculateJwkThumbprint({ ...jwk })) })),
  );
  return { keys, keyIds: keys.map(({ keyId }) => keyId), fingerprint: JSON.stringify(jwks) };
}

/**
 * Selects the keys that may verify a token, by its unverified header. A token with a `kid` selects the matching key,
 * else the keys without a `kid`. A token without a `kid` selects all keys. Keys of another type, curve or algorithm
 * are never selected.
 */
export function candidates(
  { keys }: VerificationKeys,
  { algorithm, keyId }: Pick<UnverifiedToken, 'algorithm' | 'keyId'>,
): PublicJwk[] {
  const fitting = keys.filter(({ jwk }) => fits(jwk, algorithm));
  const named = fitting.filter((key) => key.keyId === keyId);
  const possible =
    named.length > 0 ? named : fitting.filter(({ jwk }) => keyId === undefined || jwk.kid === undefined);
  return possible.map(({ jwk }) => jwk);
}
