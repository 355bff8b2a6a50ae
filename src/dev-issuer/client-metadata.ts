import { type ClientMetadata, errors } from 'oidc-provider';
import { TOKEN_ENDPOINT_AUTH_METHODS } from './authorization-server-metadata.js';
import { knownClientMetadata } from './known-clients.js';
import { findMachineClient } from './machine-clients.js';
import { redirectKind } from './redirect-uri.js';

/** Grant types that a client may register. Client credentials are only for configured machine clients. */
const REGISTRABLE_GRANT_TYPES: readonly unknown[] = ['authorization_code', 'refresh_token'];

/**
 * Adapts client metadata, registered (RFC 7591 §2) or from a client ID metadata document, to what this server supports.
 *
 * RFC 7591 §3.2.1 lets a server replace requested values. MCP clients register unsupported values, and that must not
 * fail. Redirect URIs are never replaced, because a code would go to the wrong recipient.
 *
 * @throws `invalid_redirect_uri` when a redirect URI is not allowed (RFC 7591 §3.2.2)
 */
export function adaptClientMetadata(metadata: ClientMetadata): void {
  if (findMachineClient(metadata.client_id)) return;

  for (const [name, value] of Object.entries(metadata)) {
    if (value === null || value === '') delete metadata[name];
  }
  // oidc-provider would treat a registered scope as an allowlist and reject requests instead of down-scoping them.
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
  if (!supportsAuthMethod(metadata)) metadata.token_endpoint_auth_method = 'none';
}

/**
 * Whether a client can authenticate with the method that it names. Any other client is public: PKCE protects its codes.
 *
 * ChatGPT's document names `private_key_jwt`. A document without a method has the default of RFC 7591,
 * `client_secret_basic`, although a public document cannot contain a secret.
 */
function supportsAuthMethod({ client_id: id, token_endpoint_auth_method: method }: ClientMetadata): boolean {
  if (typeof method !== 'string') return true; // oidc-provider rejects it
  const supported: readonly string[] = isMetadataDocumentUrl(id) ? ['none'] : TOKEN_ENDPOINT_AUTH_METHODS;
  return supported.includes(method);
}

/** Whether a `client_id` is the URL of a client ID metadata document. */
export function isMetadataDocumentUrl(clientId: string): boolean {
  return clientId.startsWith('https://');
}

/**
 * Creates the `fetch` for client ID metadata documents. Serves the given documents from memory and all others from the
 * network. A well-known client whose document cannot be fetched gets a copy of it.
 *
 * `oidc-provider` calls it with its own limits: HTTPS only, 2.5 s, 5 KB. The provider's own address check runs after
 * connecting, and is skipped if it cannot find the Node internals that it needs.
 */
export function metadataDocumentFetch(
  documents: Readonly<Record<string, object>>,
  fetchPublic: typeof fetch,
): typeof fetch {
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const document = documents[url];
    if (document) return Response.json(document);
    const copy = knownClientMetadata(url);
    if (!copy) return fetchPublic(input, init);
    const response = await fetchPublic(input, init).catch(() => undefined);
    return response?.ok === true ? response : Response.json(copy);
  };
}

/**
 * Derives the application type from the redirect URIs, because few MCP clients set `application_type: native`. Native
 * applications (RFC 8252) redirect to a private-use scheme (§7.1) or to loopback, where any port is accepted (§7.3).
 */
function applicationTypeOf(redirectUris: unknown): 'native' | 'web' {
  const uris: readonly unknown[] = Array.isArray(redirectUris) ? redirectUris : [redirectUris];
  const kinds = uris.map(redirectKind);
  const refused = kinds.indexOf(undefined);
  if (refused >= 0 || !Array.isArray(redirectUris)) {
    throw new errors.CustomOIDCProviderError(
      'invalid_redirect_uri',
      `redirect_uris must be a list of https URLs, http URLs on localhost, 127.0.0.1 or [::1], and private-use schemes (with a dot, or of a known MCP client), without a fragment or user name; entry ${Math.max(refused, 0)} is not.`,
    );
  }
  const isNative = kinds.some((kind) => kind === 'loopback' || kind === 'private-use');
  return isNative && !kinds.includes('local-https') ? 'native' : 'web'; // oidc-provider allows no local https for native applications
}
