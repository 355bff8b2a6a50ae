import { z } from 'zod';

import { InvalidTokenError } from './auth-errors.js';

const schema = z.object({ iat: z.number(), exp: z.number() });

/**
 * Maximum time that the issuer's clock may be ahead, seconds. A token issued further in the future would outlive the
 * limit of {@link readLifetime} and be newer than every revocation.
 */
const MAX_CLOCK_LEAD_SECONDS = 300;

/**
 * Reads `iat` and `exp` (RFC 7519 §4.1.6, §4.1.4), in seconds since the epoch.
 *
 * @param payload payload with a verified signature
 * @param longest maximum time between `iat` and `exp`, milliseconds; revocations are not kept longer
 * @param now milliseconds since the epoch
 * @throws {InvalidTokenError} when `iat` or `exp` is missing or not a number, the lifetime exceeds the maximum, or
 *   `iat` is in the future
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
  if (iat > now / 1000 + MAX_CLOCK_LEAD_SECONDS) {
    throw new InvalidTokenError('issued_in_future');
  }
  return { issuedAt: iat, expiresAt: exp };
}
