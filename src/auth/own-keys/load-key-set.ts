import { readKeySet } from '../../oauth/public-keys.js';
import { messageOf } from '../../values/trace-of.js';
import { KEY_REQUEST_TIMEOUT_MS, noSigningKeys } from '../signing-keys/issuer-keys.js';
import { type VerificationKeys, verificationKeys } from './verification-keys.js';

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
      signal: AbortSignal.timeout(KEY_REQUEST_TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return await response.json();
  } catch (cause) {
    throw noSigningKeys(uri, messageOf(cause), cause);
  }
}
