import { readKeySet } from '../../config/public-keys.js';
import { type VerificationKeys, verificationKeys } from './verification-keys.js';

/** Longest time that fetching keys may take, milliseconds. */
export const LOAD_TIMEOUT = 5_000;

/**
 * Fetches a JWK Set (RFC 7517 §5). Keys in it that cannot verify a signature are left out.
 *
 * @throws when there is no usable key at the address
 */
export async function loadKeySet(uri: string): Promise<VerificationKeys> {
  const { keys } = readKeySet(await fetchJson(uri));
  if (keys.length === 0) throw new Error(`No usable signing keys at ${uri}.`);
  return verificationKeys(keys);
}

async function fetchJson(uri: string): Promise<unknown> {
  try {
    const response = await fetch(uri, {
      headers: { accept: 'application/jwk-set+json, application/json' },
      // What was configured to be https must not end up elsewhere.
      redirect: 'error',
      signal: AbortSignal.timeout(LOAD_TIMEOUT),
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return await response.json();
  } catch (cause) {
    throw new Error(`No signing keys at ${uri} (${reasonOf(cause)}).`, { cause });
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'no answer');
