import { readKeySet } from '../../oauth/public-keys.js';
import { type VerificationKeys, verificationKeys } from './verification-keys.js';

/** Timeout of a key request, milliseconds. */
export const LOAD_TIMEOUT_MS = 5_000;

/**
 * Fetches a JWK Set (RFC 7517 §5), without the keys that cannot verify a signature.
 *
 * @throws when the JWK Set has no usable key
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
      // A redirect could lead away from the configured https host.
      redirect: 'error',
      signal: AbortSignal.timeout(LOAD_TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return await response.json();
  } catch (cause) {
    throw new Error(`No signing keys at ${uri} (${reasonOf(cause)}).`, { cause });
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'no response');
