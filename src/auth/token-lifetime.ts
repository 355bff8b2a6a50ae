import { z } from 'zod';

import { InvalidTokenError } from './auth-errors.js';

const schema = z.object({ iat: z.number(), exp: z.number() });

/**
 * How far the issuer's clock may run ahead, seconds. A token of a later time would outlive {@link readLifetime}'s
 * limit and be newer than every revocation.
 */
const MOST_AHEAD = 300;

/**
 * When a token was issued and when it expires (RFC 7519 §4.1.6, §4.1.4), seconds since the epoch.
 *
 * @param payload of a token whose signature holds
 * @param longest time between the two, milliseconds: revocations are not kept for longer
 * @param now milliseconds since the epoch
 * @throws {InvalidTokenError} when one is missing or no number, the token lives too long, or its time is yet to come
 */
export function readLifetime(
  payload: unknown,
  longest: number,
  now = Date.now(),
): { issuedAt: number; expiresAt: number } {
  const parsed = schema.safeParse(payload);
  if (!parsed.success) {
    const [claim] = parsed.error.issues[0]?.path ?? [];
    throw new InvalidTokenError(
      claim === 'iat' ? 'no_issue_time' : claim === 'exp' ? 'no_expiry' : 'invalid_claim',
    );
  }
  const { iat, exp } = parsed.data;
  if ((exp - iat) * 1000 > longest) {
    throw new InvalidTokenError('lives_too_long');
  }
  if (iat > now / 1000 + MOST_AHEAD) {
    throw new InvalidTokenError('issued_in_future');
  }
  return { issuedAt: iat, expiresAt: exp };
}
