import { type ClientMetadata, errors } from 'oidc-provider';
import { findMachineClient } from './machine-clients.js';
import { redirectKind } from './redirect-uri.js';

/** What a client may register for; client credentials are for configured machine clients only. */
const REGISTRABLE_GRANT_TYPES: readonly unknown[] = ['authorization_code', 'refresh_token'];

/**
 * Makes the metadata of a client, registered (RFC 7591 §2) or in a client ID metadata document, what this
 * server works with. RFC 7591 §3.2.1 lets a server replace requested values; MCP clients register with more than
 * it supports and must not fail for it. Redirect URIs are not replaced: a code would go to somebody else.
 *
 * @throws `invalid_redirect_uri` if one of them cannot be accepted (RFC 7591 §3.2.2)
 */
export function adaptClientMetadata(metadata: ClientMetadata): void {
  if (findMachineClient(metadata.client_id)) return;

  for (const [name, value] of Object.entries(metadata)) {
    if (value === null || value === '') delete metadata[name];
  }
  // oidc-provider would make a registered scope an allow-list and refuse requests instead of down-scoping them.
  delete metadata.scope;
  if (Array.isArray(metadata.grant_types)) {
    metadata.grant_types = metadata.grant_types.filter((type: unknown) =>
      REGISTRABLE_GRANT_TYPES.includes(type),
    );
  }
  if (Array.isArray(metadata.response_types)) {
    metadata.response_types = metadata.response_types.filter((type) => type === 'code');
  }
  if (metadata.redirect_uris !== undefined) {
    metadata.application_type = applicationTypeOf(metadata.redirect_uris);
  }
  if (
    isMetadataDocumentUrl(metadata.client_id) &&
    metadata.token_endpoint_auth_method === 'client_secret_basic'
  ) {
    // The default of RFC 7591; but a public document cannot have a secret.
    metadata.token_endpoint_auth_method = 'none';
  }
}

/** Whether a `client_id` is the URL of a client ID metadata document. */
export function isMetadataDocumentUrl(clientId: string): boolean {
  return clientId.startsWith('https://');
}

/**
 * The `fetch` that gets client ID metadata documents: those given are served from memory, all others come from
 * the network. `oidc-provider` calls it with its limits set: HTTPS only, 2.5 s, 5 KB. Its own check of the address
 * comes after connecting, and is left out where it cannot find the internals of Node that it needs.
 */
export function metadataDocumentFetch(
  documents: Readonly<Record<string, object>>,
  fetchPublic: typeof fetch,
): typeof fetch {
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const document = documents[url];
    return document ? Response.json(document) : fetchPublic(input, init);
  };
}

/**
 * Native applications (RFC 8252) redirect to a private-use scheme (§7.1) or to loopback, where any port must be
 * accepted (§7.3). Few MCP clients say `application_type: native`, so their redirect URIs do.
 */
function applicationTypeOf(redirectUris: unknown): 'native' | 'web' {
  const uris: readonly unknown[] = Array.isArray(redirectUris) ? redirectUris : [redirectUris];
  const kinds = uris.map(redirectKind);
  const refused = kinds.indexOf(undefined);
  if (refused >= 0 || !Array.isArray(redirectUris)) {
    throw new errors.CustomOIDCProviderError(
      'invalid_redirect_uri',
      `redirect_uris must be a list of https URLs, http URLs on localhost, 127.0.0.1 or [::1], and private-use schemes (with a dot, or of a known MCP client), without fragment and user name; entry ${Math.max(refused, 0)} is not.`,
    );
  }
  const isNative = kinds.some((kind) => kind === 'loopback' || kind === 'private-use');
  return isNative && !kinds.includes('local-https') ? 'native' : 'web'; // no native application has local https
}
