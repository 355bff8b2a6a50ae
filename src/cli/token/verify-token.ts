import { InvalidTokenError } from '../../auth/auth-errors.js';
import { candidates, verificationKeys } from '../../auth/own-keys/verification-keys.js';
import { verifyJwt } from '../../auth/own-keys/verify-jwt.js';
import { readLifetime } from '../../auth/token-lifetime.js';
import { readUnverifiedToken } from '../../auth/unverified-token.js';
import { readPublicKeys } from '../../oauth/public-keys.js';
import type { VerifyRequest } from './token-request.js';

const NO_FITTING_KEY = 'The key does not match the algorithm or kid of the token.';

/**
 * Verifies a token by the rules of the server.
 *
 * @param text public keys as PEM or as a JWK Set, which may have further keys that cannot verify a signature
 * @returns the reason why the token is invalid; undefined if it is valid
 * @throws when no key can be used
 */
export async function whyRefused(
  token: string,
  text: string,
  { issuers, audiences }: Pick<VerifyRequest, 'issuers' | 'audiences'>,
): Promise<string | undefined> {
  const { keys, faults } = readPublicKeys(text);
  if (keys.length === 0) throw new Error(`The key file ${faults.join(' ')} Use the public key: public.pem.`);
  try {
    const unverified = readUnverifiedToken(token);
    const fitting = candidates(await verificationKeys(keys), unverified);
    if (fitting.length === 0) {
      return [NO_FITTING_KEY, ...(faults.length > 0 ? [`The key file ${faults.join(' ')}`] : [])].join(' ');
    }
    // The keys fit it. Which of the algorithms of a key are accepted is a setting of the server.
    const algorithms = [unverified.algorithm];
    readLifetime(
      await verifyJwt(token, fitting, { algorithms, issuers, audiences, clockTolerance: 0 }),
      Infinity,
    );
    return undefined;
  } catch (error) {
    if (error instanceof InvalidTokenError) return error.description;
    throw error;
  }
}
