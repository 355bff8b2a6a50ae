import { InvalidTokenError } from '../auth/auth-errors.js';
import { candidates, verificationKeys } from '../auth/jwt/verification-keys.js';
import { verifyJwt } from '../auth/jwt/verify-jwt.js';
import { readLifetime } from '../auth/token-lifetime.js';
import { readUnverifiedToken } from '../auth/unverified-token.js';
import { readPublicKeys } from '../config/public-keys.js';
import { algorithmsOf } from '../config/signature-algorithms.js';
import type { VerifyCommand } from './token-command.js';

/**
 * Decides by the server's own rules whether a token holds.
 *
 * @param pem the public keys
 * @returns why it does not; undefined when it does
 * @throws when the keys cannot be used
 */
export async function whyRefused(
  token: string,
  pem: string,
  { issuers, audiences }: Pick<VerifyCommand, 'issuers' | 'audiences'>,
): Promise<string | undefined> {
  const { keys, faults } = readPublicKeys(pem);
  if (faults.length > 0) throw new Error(`The key file ${faults.join(' ')} Use the public key: public.pem.`);
  try {
    const unverified = readUnverifiedToken(token);
    const fitting = candidates(await verificationKeys(keys), unverified);
    if (fitting.length === 0) return 'The key is not of the kind that the token says it is signed with.';
    const algorithms = keys.flatMap(algorithmsOf);
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
