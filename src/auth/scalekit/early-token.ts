import { createLocalJWKSet, type JWK, type JWTPayload, jwtVerify } from 'jose';

import { MAX_LEAD_MS } from '../signing-keys/clock-lead.js';

/** Requirements for a token, as Scalekit's SDK takes them. */
export interface Expected {
  readonly issuer: string;
  readonly audience: string[];
}

/**
 * Verifies a token that is not valid yet as it will be after the usual difference between two clocks. Scalekit's tokens
 * are valid from the second in which they are issued, and its SDK tolerates no difference.
 *
 * @returns undefined if the token is invalid then too
 */
export async function verifyEarly(
  token: string,
  keys: readonly JWK[],
  expected: Expected,
): Promise<JWTPayload | undefined> {
  const currentDate = new Date(Date.now() + MAX_LEAD_MS);
  return jwtVerify(token, createLocalJWKSet({ keys: [...keys] }), {
    ...expected,
    algorithms: ['RS256'],
    currentDate,
  }).then(
    ({ payload }) => payload,
    () => undefined,
  );
}
