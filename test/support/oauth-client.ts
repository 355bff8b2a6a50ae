import type {
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';

/** Redirect URI of the client. Nothing listens there. */
const REDIRECT_URL = 'http://localhost:33418/callback';

/** In-memory OAuth state of an MCP client, for both versions of the SDK. */
export class MemoryOAuthProvider implements OAuthClientProvider {
  /** Authorization URL for the browser. */
  authorizationUrl: URL | undefined;
  registration: StoredOAuthClientInformation | undefined;
  granted: StoredOAuthTokens | undefined;
  readonly redirectUrl = REDIRECT_URL;
  #verifier = '';
  #discovered: OAuthDiscoveryState | undefined;

  /** @param clientMetadataUrl the client's ID where it is a metadata document; else it registers itself */
  constructor(readonly clientMetadataUrl?: string) {}

  readonly clientMetadata = {
    client_name: 'End-to-end test',
    redirect_uris: [REDIRECT_URL],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };

  state(): string {
    return 'state-of-the-test';
  }
  clientInformation(): StoredOAuthClientInformation | undefined {
    return this.registration;
  }
  saveClientInformation(information: StoredOAuthClientInformation): void {
    this.registration = information;
  }
  tokens(): StoredOAuthTokens | undefined {
    return this.granted;
  }
  saveTokens(tokens: StoredOAuthTokens): void {
    this.granted = tokens;
  }
  redirectToAuthorization(url: URL): void {
    this.authorizationUrl = url;
  }
  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }
  codeVerifier(): string {
    return this.#verifier;
  }
  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.#discovered = state;
  }
  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#discovered;
  }
}

export const CLIENT_METADATA_URL = 'https://client.example.com/oauth/client-metadata.json';

/** Client metadata document at {@link CLIENT_METADATA_URL}. */
export const CLIENT_METADATA_DOCUMENTS = {
  [CLIENT_METADATA_URL]: {
    client_id: CLIENT_METADATA_URL,
    ...new MemoryOAuthProvider().clientMetadata,
  },
};
