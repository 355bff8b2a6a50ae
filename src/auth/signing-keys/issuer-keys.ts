import type { Logger } from '@nestjs/common';

import type { Configuration } from '../../config/configuration.js';
import { messageOf } from '../../values/trace-of.js';
import type { VerifiedTokens } from '../verified-tokens.js';
import { clockWarning } from './clock-lead.js';
import { type KeySet, SigningKeys } from './signing-keys.js';

/** Timeout of a key request, milliseconds. */
export const KEY_REQUEST_TIMEOUT_MS = 5_000;

/** Creates the error for an issuer that provides no keys. */
export const noSigningKeys = (url: string, reason: string, cause?: unknown): Error =>
  new Error(`No signing keys at ${url} (${reason}).`, { cause });

/**
 * Caches the keys of an issuer as configured. When they change, forgets verified tokens. Logs failures, and a clock
 * that differs from this one.
 *
 * @param load fetches the keys
 */
export const issuerKeys = <Keys extends KeySet>(
  load: () => Promise<Keys>,
  { signingKeys }: Pick<Configuration, 'signingKeys'>,
  verified: VerifiedTokens,
  logger: Logger,
): SigningKeys<Keys> => {
  const warnOfClock = clockWarning(logger);
  return new SigningKeys({
    ...signingKeys,
    loadTimeout: KEY_REQUEST_TIMEOUT_MS,
    load: async () => {
      const keys = await load();
      warnOfClock(keys.clockLead);
      return keys;
    },
    onChange: () => verified.clear(),
    onFailure: (error) => logger.warn(`${messageOf(error)} Retrying shortly.`),
  });
};
