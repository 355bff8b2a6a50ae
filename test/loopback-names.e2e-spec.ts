import { decodeJwt } from 'jose';

import { type Aerie, RESOURCE_ID, startAerie } from './support/aerie.js';
import { CLIENTS } from './support/clients.js';
import { MemoryOAuthProvider } from './support/oauth-client.js';
import { signIn } from './support/sign-in.js';

describe('a resource on this machine, asked for as 127.0.0.1 in development', () => {
  let aerie: Aerie;
  let origin: string;
  // Silences a warning: Jest hides oidc-provider's protection of outgoing requests, and this test makes none.
  beforeEach(() => jest.spyOn(console, 'warn').mockImplementation());
  beforeAll(async () => {
    aerie = await startAerie();
    origin = aerie.origin.replace('localhost', '127.0.0.1');
  });
  afterAll(() => aerie.close());

  it.each(['', '/mcp'])(
    'is described under that name at /.well-known/oauth-protected-resource%s',
    async (path) => {
      const response = await fetch(`${origin}/.well-known/oauth-protected-resource${path}`);
      expect(await response.json()).toMatchObject({
        resource: `${origin}/mcp`,
        authorization_servers: [aerie.issuer.resourceIssuer],
      });
    },
  );

  it('challenges a request without a token with the URL of that metadata', async () => {
    const { headers } = await fetch(`${origin}/mcp`, { method: 'POST' });
    expect(headers.get('www-authenticate')).toContain(
      `resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`,
    );
  });

  it.each(CLIENTS)('supports sign-in and calls of the official client, %s', async (_name, attempt) => {
    const provider = new MemoryOAuthProvider();
    const first = attempt(`${origin}/mcp`, { authProvider: provider });
    await expect(first.connect()).rejects.toThrow(/unauthorized/i);
    const { searchParams } = await signIn(provider.authorizationUrl ?? '');
    await first.finishAuth(searchParams);
    const client = await attempt(`${origin}/mcp`, { authProvider: provider }).connect();
    try {
      expect(await client.callTool({ name: 'whoami', arguments: {} })).not.toHaveProperty('isError', true);
    } finally {
      await client.close();
    }
    expect(decodeJwt(provider.granted?.access_token ?? '').aud).toEqual([`${origin}/mcp`, RESOURCE_ID]);
  });

  it.each(['localhost', '127.0.0.1', '[::1]'])('accepts tokens with only the name %s', async (name) => {
    expect(await statusOfPingFor(aerie.url.replace('localhost', name))).toBe(200);
  });

  it.each(['http://127.0.0.1:1/mcp', 'http://evil.example/mcp'])(
    'refuses tokens for %s',
    async (audience) => {
      expect(await statusOfPingFor(audience)).toBe(401);
    },
  );

  async function statusOfPingFor(audience: string): Promise<number> {
    const token = await aerie.token({ claims: { aud: [audience] } });
    const response = await fetch(aerie.url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
    });
    return response.status;
  }
});
