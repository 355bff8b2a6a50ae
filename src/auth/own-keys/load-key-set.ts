import { readKeySet } from '../../oauth/public-keys.js';
import { problemOfCause } from '../../values/connection-problem.js';
import { clockLeadOf } from '../signing-keys/clock-lead.js';
import { KEY_REQUEST_TIMEOUT_MS, noSigningKeys } from '../signing-keys/issuer-keys.js';
import { type VerificationKeys, verificationKeys } from './verification-keys.js';

/**
 * Fetches a JWK Set (RFC 7517 §5), without the keys that cannot verify a signature.
 *
 * @throws when the JWK Set has no usable key
 */
export async function loadKeySet(uri: string): Promise<VerificationKeys> {
  const { body, clockLead } = await fetchJson(uri);
  const { keys } = readKeySet(body);
  if (keys.length === 0) throw new Error(`No usable signing keys at ${uri}.`);
  return { ...(await verificationKeys(keys)), clockLead };
}

async function fetchJson(uri: string): Promise<{ body: unknown; clockLead: number | undefined }> {
  const sentAt = Date.now();
  try {
    const response = await fetch(uri, {
      headers: { accept: 'application/jwk-set+json, application/json' },
      // A redirect could lead away from the configured https host.
      redirect: 'error',
      signal: AbortSignal.timeout(KEY_REQUEST_TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const { headers } = response;
    const clockLead = clockLeadOf({ date: headers.get('date'), age: headers.get('age') }, sentAt);
    return { body: await response.json(), clockLead };
  } catch (cause) {
    throw noSigningKeys(uri, problemOfCause(cause), cause);
  }
}
