import { errors, type JWTPayload, jwtVerify, type JWTVerifyResult } from 'jose';

import type { PublicJwk } from '../../config/public-jwk.js';
import { InvalidTokenError } from '../auth-errors.js';

/** What a token has to say besides being signed. */
export interface Expectations {
  readonly algorithms: readonly string[];
  /** Undefined: any. */
  readonly issuers?: readonly string[] | undefined;
  /** Undefined: any. */
  readonly audiences?: readonly string[] | undefined;
  /** How far the signer's clock may be off, milliseconds. */
  readonly clockTolerance: number;
}

/** Types of a token that is for an API: RFC 7519 §5.1, RFC 9068 §2.1. Not every one says its type. */
const TYPES = ['jwt', 'at+jwt'];

/** The claim that fails → what to tell the caller. Nothing of the token is repeated. */
const REASONS: Readonly<Record<string, string>> = {
  iss: 'The access token is from another issuer.',
  aud: 'The access token is for another audience.',
  nbf: 'The access token is not valid yet.',
  exp: 'The access token has no expiry.',
  iat: 'The access token does not say when it was issued.',
};

/**
 * Verifies a JWT (RFC 7519 §7.2, RFC 8725): signature, algorithm, type, issuer, audience and times.
 *
 * @param keys those that its header allows for, tried one after the other
 * @returns the payload
 * @throws {InvalidTokenError} when it does not hold
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
    if (!isForAnApi(protectedHeader.typ)) {
      throw new InvalidTokenError('The token is of another type than an access token.', true);
    }
    return payload;
  }
  throw new InvalidTokenError('The signature of the access token does not hold.');
}

/** @param type whatever the header has: nobody has looked whether it is text */
const isForAnApi = (type: unknown): boolean =>
  type === undefined ||
  (typeof type === 'string' && TYPES.includes(type.toLowerCase().replace(/^application\//, '')));

/** @returns undefined when the signature is not of this key */
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

/** Claims are looked at only after the signature held. */
function refusalOf(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return new InvalidTokenError('The access token has expired.', true);
  if (error instanceof errors.JWTClaimValidationFailed) {
    return new InvalidTokenError(REASONS[error.claim] ?? 'The access token is not valid.', true);
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return new InvalidTokenError('The access token is signed with an algorithm that is not accepted here.');
  }
  if (error instanceof errors.JOSEError) return new InvalidTokenError('The access token is not valid.');
  return error;
}
