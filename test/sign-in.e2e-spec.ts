import { type Aerie, startAerie } from './support/aerie.js';
import { CLIENTS, type McpClient } from './support/clients.js';
import {
  CLIENT_METADATA_DOCUMENTS,
  CLIENT_METADATA_URL,
  MemoryOAuthProvider,
} from './support/oauth-client.js';
import { signIn } from './support/sign-in.js';

type ClientAttempt = (typeof CLIENTS)[number][1];

const PATHS = ['/mcp', '/'];

describe.each(PATHS)('a resource at %s', (path) => {
  let aerie: Aerie;
  // Silences a warning: Jest hides oidc-provider's protection of outgoing requests, and this test makes none.
  beforeEach(() => jest.spyOn(console, 'warn').mockImplementation());
  beforeAll(async () => {
    aerie = await startAerie({
      path,
      environment: { SIGN_IN_SCOPES: 'admin org:read todo:read todo:write usr:read' },
      issuer: { clientMetadataDocuments: CLIENT_METADATA_DOCUMENTS },
    });
  });
  afterAll(() => aerie.close());

  /** Performs the steps of a user: connects, signs in, grants access, connects again. */
  async function signInAndConnect(
    attempt: ClientAttempt,
    provider: MemoryOAuthProvider,
    user: string,
  ): Promise<McpClient> {
    const first = attempt(aerie.url, { authProvider: provider });
    await expect(first.connect()).rejects.toThrow(/unauthorized/i);
    const { searchParams } = await signIn(provider.authorizationUrl ?? '', { user });
    expect(searchParams.get('state')).toBe('state-of-the-test');
    await first.finishAuth(searchParams);
    return attempt(aerie.url, { authProvider: provider }).connect();
  }

  describe.each(CLIENTS)('the official client, %s', (clientName, attempt) => {
    it.each([
      ['registers itself', undefined],
      ['is known by its metadata document', CLIENT_METADATA_URL],
    ])('signs in, lists and calls; it %s', async (_how, metadataUrl) => {
      const provider = new MemoryOAuthProvider(metadataUrl);
      const client = await signInAndConnect(attempt, provider, 'alice');
      try {
        const version = client.getNegotiatedProtocolVersion?.();
        expect(version && `v2, MCP ${version}`).toBe(clientName === 'v1' ? undefined : clientName);
        const { tools } = await client.listTools();
        expect(tools.map((tool) => tool.name)).toEqual([
          'add_todo',
          'admin_tool',
          'complete_todo',
          'delete_todo',
          'get_org_data',
          'greet',
          'greet_user',
          'list_todos',
          'whoami',
        ]);
        const greeting = await client.callTool({ name: 'greet_user', arguments: { name: 'Saif' } });
        expect(greeting).toMatchObject({
          content: [{ type: 'text', text: 'Hi Saif, welcome to Scalekit!' }],
        });
        const organization = await client.callTool({ name: 'get_org_data', arguments: {} });
        expect(organization).toMatchObject({
          structuredContent: { organizationId: 'org_acme', name: 'Acme' },
        });
      } finally {
        await client.close();
      }
      expect(provider.registration?.client_id).toMatch(metadataUrl ? /^https:/ : /^m2m_/);
    });

    it('gets the rights of another user after their sign-in', async () => {
      const client = await signInAndConnect(attempt, new MemoryOAuthProvider(), 'bob');
      try {
        const { tools } = await client.listTools();
        expect(tools.map(({ name }) => name)).not.toContain('admin_tool');
        expect(tools).toHaveLength(8);
        expect(await client.callTool({ name: 'whoami', arguments: {} })).toMatchObject({
          structuredContent: { organizationId: 'org_globex', kind: 'person' },
        });
      } finally {
        await client.close();
      }
    });

    it('gets an error if the user denies access', async () => {
      const provider = new MemoryOAuthProvider();
      await expect(attempt(aerie.url, { authProvider: provider }).connect()).rejects.toThrow(/unauthorized/i);
      const { searchParams } = await signIn(provider.authorizationUrl ?? '', { decision: 'deny' });
      expect(searchParams.get('error')).toBe('access_denied');
    });
  });

  it.each(CLIENTS)('refreshes an expired token with the official client, %s', async (_name, attempt) => {
    const provider = new MemoryOAuthProvider();
    await (await signInAndConnect(attempt, provider, 'alice')).close();
    const before = provider.granted;
    provider.granted = { ...before!, access_token: await aerie.token({ expiresInSeconds: -5 }) };

    const client = await attempt(aerie.url, { authProvider: provider }).connect();
    expect((await client.listTools()).tools).not.toHaveLength(0);
    await client.close();
    expect(provider.granted.refresh_token).toBeDefined();
    expect(provider.granted.refresh_token).not.toBe(before?.refresh_token);
  });

  it('redirects clients of MCP 2025-03-26 to the authorization server’s document', async () => {
    const response = await fetch(`${aerie.origin}/.well-known/oauth-authorization-server`);
    expect(await response.json()).toMatchObject({ issuer: aerie.issuer.resourceIssuer });
  });
});
