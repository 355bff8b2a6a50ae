import { ScalekitClient } from '@scalekit-sdk/node';
import type { JWK } from 'jose';
import { z } from 'zod';

import { clockLeadOf, type TimeHeaders } from '../signing-keys/clock-lead.js';
import { KEY_REQUEST_TIMEOUT_MS, noSigningKeys } from '../signing-keys/issuer-keys.js';
import type { KeySet } from '../signing-keys/signing-keys.js';

/** Scalekit client that has fetched its keys and never fetches others. */
export interface LoadedClient extends KeySet {
  readonly client: ScalekitClient;
  /** Keys of the client. */
  readonly keys: readonly JWK[];
}

/** Expected shape of the SDK's HTTP client, which is private and may change with the SDK. */
const core = z.object({
  axios: z.custom<{
    defaults: { maxRedirects?: number };
    interceptors: {
      response: { use(seen: <Seen extends { headers: TimeHeaders }>(response: Seen) => Seen): void };
    };
  }>((client) => typeof client === 'function' && 'defaults' in client && 'interceptors' in client),
});
const loaded = z.object({
  keys: z.array(z.looseObject({ kty: z.string(), kid: z.string().optional() })).min(1),
});

/**
 * Creates a client and makes it fetch the keys.
 *
 * The SDK fetches keys when it first validates any token, and keeps them for the life of the client. It also keeps
 * an invalid key set, and then fails on every token. This function does not return such a client.
 *
 * @throws when the issuer does not respond with at least one key
 */
export async function loadScalekitKeys(
  environmentUrl: string,
  clientId = '',
  clientSecret = '',
): Promise<LoadedClient> {
  const client = new ScalekitClient(environmentUrl, clientId, clientSecret, {
    timeoutMs: KEY_REQUEST_TIMEOUT_MS,
  });
  // The keys must come from the configured host, but the SDK would follow redirects to other hosts.
  const { axios } = core.parse(client['coreClient']);
  axios.defaults.maxRedirects = 0;
  let clockLead: number | undefined;
  const sentAt = Date.now();
  axios.interceptors.response.use((response) => {
    clockLead ??= clockLeadOf(response.headers, sentAt);
    return response;
  });
  const outcome: unknown = await client.validateToken('').catch((error: unknown) => error);
  const { success, data } = loaded.safeParse(client['coreClient']);
  if (!success) {
    const reason = outcome instanceof Error ? outcome.message : 'no key set';
    throw noSigningKeys(`${environmentUrl}/keys`, reason);
  }
  return {
    client,
    keys: data.keys,
    keyIds: data.keys.flatMap(({ kid }) => (kid === undefined ? [] : [kid])),
    fingerprint: JSON.stringify(data.keys),
    clockLead,
  };
}
