import { errors, type JWTPayload, jwtVerify, type JWTVerifyResult } from 'jose';

import type { PublicJwk } from '../../oauth/public-jwk.js';
import { InvalidTokenError } from '../auth-errors.js';
import { claimFault } from '../jose-faults.js';
import { requireAccessTokenType } from '../token-type.js';

/** Requirements for the header and claims of a signed token. */
export interface Expectations {
  readonly algorithms: readonly string[];
  /** Accepted `iss` values; undefined to accept any. */
  readonly issuers?: readonly string[] | undefined;
  /** Accepted `aud` values; undefined to accept any. */
  readonly audiences?: readonly string[] | undefined;
  /** Tolerated clock difference, milliseconds. */
  readonly clockTolerance: number;
}

/**
 * Verifies a JWT (RFC 7519 §7.2, RFC 8725): signature, algorithm, type, issuer, audience and times.
 *
 * @param keys candidate keys, tried in order
 * @returns the payload
 * @throws {InvalidTokenError} when the token is invalid
 */
export async function verifyJwt(
  token: string,
  keys: readonly PublicJwk[],
  expected: Expectations,
): Promise<JWTPayload> {
  for (const key of keys) {
    const verified = await verifyWith(token, key, expected);
    if (!verified) continue;
    const { payload, protectedHeader } = verified;
    requireAccessTokenType(protectedHeader.typ);
    return payload;
  }
  throw new InvalidTokenError('bad_signature');
}

/** @returns undefined when another key made the signature */
async function verifyWith(
  token: string,
  key: PublicJwk,
  { algorithms, issuers, audiences, clockTolerance }: Expectations,
): Promise<JWTVerifyResult | undefined> {
  try {
    return await jwtVerify(token, key, {
      algorithms: [...algorithms],
      clockTolerance: clockTolerance / 1000,
      ...(issuers && { issuer: [...issuers] }),
      ...(audiences && { audience: [...audiences] }),
    });
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) return undefined;
    throw refusalOf(error);
  }
}

/** Maps an error of jose to a token fault. jose validates claims only after the signature. */
function refusalOf(error: unknown): unknown {
  if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed) {
    return new InvalidTokenError(claimFault(error.message) ?? 'invalid_claim');
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return new InvalidTokenError('wrong_algorithm');
  if (error instanceof errors.JOSEError) {
    return new InvalidTokenError('malformed', 'The access token is not valid.');
  }
  return error;
}
