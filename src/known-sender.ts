import type { IncomingMessage } from 'node:http';

import type { Sender } from './http/fair-turns.js';
import { callerKeysOf } from './auth/caller-keys.js';
import type { VerifiedTokens } from './auth/verified-tokens.js';

const SCHEME = 'bearer ';

/**
 * Returns the organization and caller whose turn a request waits for.
 *
 * Use the result for scheduling only. The guard authorizes the request.
 *
 * @returns undefined unless the token was verified recently
 */
export function knownSender(
  { headers: { authorization = '' } }: Pick<IncomingMessage, 'headers'>,
  verified: VerifiedTokens,
): Sender | undefined {
  if (authorization.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return undefined;
  const principal = verified.find(authorization.slice(SCHEME.length).trim());
  if (!principal) return undefined;
  const { caller: member, group } = callerKeysOf(principal);
  return { group, member };
}
