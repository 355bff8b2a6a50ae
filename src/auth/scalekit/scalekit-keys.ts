import { ScalekitClient } from '@scalekit-sdk/node';
import { z } from 'zod';

import type { KeySet } from '../signing-keys/signing-keys.js';

/** A Scalekit client that has fetched its keys and will verify with them, and only them, for ever after. */
export interface LoadedClient extends KeySet {
  readonly client: ScalekitClient;
}

/** Longest time that fetching keys may take, milliseconds. */
export const LOAD_TIMEOUT = 5_000;
/** What of the SDK's own HTTP client is needed here: it is private, and may change with the SDK. */
const core = z.object({
  axios: z.custom<{ defaults: { maxRedirects?: number } }>(
    (client) => typeof client === 'function' && 'defaults' in client,
  ),
});
const loaded = z.object({
  keys: z.array(z.looseObject({ kty: z.string(), kid: z.string().optional() })).min(1),
});

/**
 * Makes a client and has it fetch the keys.
 *
 * The SDK fetches keys when it first validates a token, whatever the token, and keeps them for the life of
 * the client. It also keeps what is no key set at all, and then fails on every token; such a client is not
 * returned.
 *
 * @throws when the issuer does not answer with at least one key
 */
export async function loadScalekitKeys(
  environmentUrl: string,
  clientId = '',
  clientSecret = '',
): Promise<LoadedClient> {
  const client = new ScalekitClient(environmentUrl, clientId, clientSecret, { timeoutMs: LOAD_TIMEOUT });
  // The keys must come from the configured host: the SDK would follow a redirect to any other.
  core.parse(client['coreClient']).axios.defaults.maxRedirects = 0;
  const outcome: unknown = await client.validateToken('').catch((error: unknown) => error);
  const { success, data } = loaded.safeParse(client['coreClient']);
  if (!success) {
    const reason = outcome instanceof Error ? outcome.message : 'no key set';
    throw new Error(`No signing keys at ${environmentUrl}/keys (${reason}).`);
  }
  return {
    client,
    keyIds: data.keys.flatMap(({ kid }) => (kid === undefined ? [] : [kid])),
    fingerprint: JSON.stringify(data.keys),
  };
}
