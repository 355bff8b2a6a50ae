import { calculateJwkThumbprint } from 'jose';

import type { PublicJwk } from '../../config/public-jwk.js';
import { fits } from '../../config/signature-algorithms.js';
import type { KeySet } from '../signing-keys/signing-keys.js';
import type { UnverifiedToken } from '../unverified-token.js';

/** Public keys that tokens may be signed for. */
export interface VerificationKeys extends KeySet {
  readonly keys: readonly {
    readonly jwk: PublicJwk;
    /** Its own `kid`, else its thumbprint (RFC 7638), which tokens may name it by. */
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
 * The keys that a token may have been signed for, by what it says of itself: the one that it names, else those
 * without a name of their own, and all where it names none. Never one of another type, curve or algorithm.
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
