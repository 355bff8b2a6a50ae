/** Redirect URIs of a program on this machine. It listens on any port (RFC 8252 §7.3). */
const LOOPBACK_CALLBACKS: readonly string[] = ['http://127.0.0.1/callback', 'http://localhost/callback'];

/** Name and redirect URIs of clients on this machine, by the URL of their metadata document. */
const CLIENTS: Readonly<Record<string, readonly [name: string, redirectUris: readonly string[]]>> = {
  'https://claude.ai/oauth/claude-code-client-metadata': ['Claude Code', LOOPBACK_CALLBACKS],
  'https://chatgpt.com/oauth/codex/client.json': ['Codex', LOOPBACK_CALLBACKS],
  'https://opencode.ai/oauth/opencode/client.json': ['OpenCode', LOOPBACK_CALLBACKS],
  'https://vscode.dev/oauth/client-metadata.json': [
    'Visual Studio Code',
    ['http://127.0.0.1:33418/', 'https://vscode.dev/redirect'],
  ],
  'https://zed.dev/oauth/client-metadata.json': ['Zed', ['http://127.0.0.1/callback']],
};

/**
 * Returns a copy of the metadata document of a well-known client, or undefined for any other URL.
 *
 * These clients do not register where metadata documents are supported, so without a copy nobody could sign in with them
 * on a machine without internet access.
 */
export function knownClientMetadata(url: string): object | undefined {
  const client = CLIENTS[url];
  if (!client) return undefined;
  const [name, redirectUris] = client;
  return {
    client_id: url,
    client_name: name,
    redirect_uris: redirectUris,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };
}
