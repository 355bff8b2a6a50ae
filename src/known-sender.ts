import type { IncomingMessage } from 'node:http';

import type { Sender } from './http/fair-turns.js';
import { callerKeysOf } from './auth/caller-keys.js';
import type { VerifiedTokens } from './auth/verified-tokens.js';

const SCHEME = 'bearer ';

/**
 * Tells whose turn a request waits for: the organization's, and there the caller's.
 *
 * Nothing else may follow from it: the guard decides who may call.
 *
 * @returns undefined unless the token was verified a short while ago
 */
export function knownSender(
  { headers: { authorization = '' } }: Pick<IncomingMessage, 'headers'>,
  verified: VerifiedTokens,
): Sender | undefined {
  if (authorization.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return undefined;
  const principal = verified.recall(authorization.slice(SCHEME.length).trim());
  if (!principal) return undefined;
  const { caller, organization = caller } = callerKeysOf(principal);
  return { group: organization, member: caller };
}
