import { decodeJwt } from 'jose';
import { OAuthClient, signIn } from '../../test/support/sign-in.js';
import { startDevIssuer, type DevIssuer } from './dev-issuer.js';

const DOCUMENT_URL = 'https://client.example/metadata.json';

describe('clients', () => {
  let issuer: DevIssuer;

  beforeAll(async () => {
    issuer = await startDevIssuer({
      port: 0,
      resourceUrl: 'http://localhost:3002/mcp',
      scopes: () => ['usr:read'],
      clientMetadataDocuments: {
        [DOCUMENT_URL]: {
          client_id: DOCUMENT_URL,
          client_name: 'Editor',
          redirect_uris: ['http://127.0.0.1/', 'https://client.example/callback'],
        },
        'https://client.example/other.json': {
          client_id: DOCUMENT_URL,
          redirect_uris: ['http://127.0.0.1/'],
        },
        'https://client.example/evil.json': {
          client_id: 'https://client.example/evil.json',
          redirect_uris: ['http://evil.example/callback'],
        },
      },
    });
  });
  beforeEach(() => {
    // oidc-provider warns because it does not find Node's HTTP dispatcher in Jest's globalThis.
    jest.spyOn(console, 'warn').mockImplementation();
  });
  afterAll(() => issuer.close());

  const registrationUrl = ({ url }: DevIssuer): string =>
    `${url}/api/v1/resources/res_100000000000000001/clients:register`;
  const register = (body: object | string): Promise<Response> =>
    fetch(registrationUrl(issuer), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  describe('registered dynamically', () => {
    it.each([
      'cursor://anysphere.cursor-mcp/oauth/callback',
      'com.example.app:/callback',
      'http://localhost:6274/oauth/callback',
      'https://claude.ai/api/mcp/auth_callback',
    ])('may redirect to %s', async (redirectUri) => {
      const client = await OAuthClient.register(issuer.resourceIssuer, { redirect_uris: [redirectUri] });
      const callback = await signIn(client.authorizationUrl());
      expect(callback.href).toContain(redirectUri);
      expect(await client.exchange(callback.searchParams.get('code') ?? '')).toMatchObject({ status: 200 });
    });

    it('may use any loopback port (RFC 8252 §7.3)', async () => {
      const { clientId } = await OAuthClient.register(issuer.resourceIssuer, {
        redirect_uris: ['http://127.0.0.1:1000/callback'],
      });
      const client = new OAuthClient(issuer.resourceIssuer, clientId, 'http://127.0.0.1:2000/callback');
      expect(await client.obtainTokens()).toMatchObject({ status: 200 });
    });

    it('may request unsupported metadata', async () => {
      const client = await OAuthClient.register(issuer.resourceIssuer, {
        scope: 'usr:read something:else',
        grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
        response_types: ['code', 'none'],
        client_uri: '',
        logo_uri: null,
        software_id: 'x',
        vendor_extension: { nested: true },
      });
      expect(await client.obtainTokens()).toMatchObject({ status: 200, scope: 'usr:read' });
    });

    it.each(['private_key_jwt', 'tls_client_auth'])('are public if they would use %s', async (method) => {
      const response = await register({
        redirect_uris: ['https://app.example/callback'],
        token_endpoint_auth_method: method,
      });
      expect(response.status).toBe(201);
      expect(await response.json()).toMatchObject({ token_endpoint_auth_method: 'none' });
    });

    it('may keep a secret', async () => {
      const response = await register({ redirect_uris: ['https://app.example/callback'] });
      expect(response.status).toBe(201);
      expect(await response.json()).toMatchObject({
        client_id: expect.stringMatching(/^m2m_\d+$/),
        client_secret: expect.any(String),
        token_endpoint_auth_method: 'client_secret_basic',
      });
    });

    it('may not use the client credentials grant', async () => {
      const { clientId } = await OAuthClient.register(issuer.resourceIssuer);
      const client = new OAuthClient(issuer.resourceIssuer, clientId);
      expect(await client.token({ grant_type: 'client_credentials' })).toMatchObject({ status: 400 });
    });

    it('may mix redirect URIs of every kind', async () => {
      const redirectUris = [
        'http://127.0.0.1:33418',
        'https://vscode.dev/redirect',
        'cursor://host/callback',
      ];
      await expect(
        OAuthClient.register(issuer.resourceIssuer, { redirect_uris: redirectUris, application_type: 'web' }),
      ).resolves.toBeDefined();
    });

    it.each([
      'javascript:alert(1)',
      'http://attacker.example/callback',
      'http://localhost.evil.example/cb',
      'https://claude.ai/callback#fragment',
      'urn:ietf:wg:oauth:2.0:oob',
      'not a url',
    ])('may not redirect to %s', async (redirectUri) => {
      const response = await register({ redirect_uris: ['https://claude.ai/callback', redirectUri] });
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({
        error: 'invalid_redirect_uri',
        error_description: expect.stringContaining('entry 1 is not'),
      });
    });

    it.each(['fixed', 'chunked'])(
      'are rejected if their metadata is too large, in a %s body',
      async (form) => {
        const text = JSON.stringify({
          redirect_uris: ['https://claude.ai/cb'],
          client_name: 'x'.repeat(20_000),
        });
        const response = await fetch(registrationUrl(issuer), {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: form === 'fixed' ? text : new Blob([text]).stream(),
          ...(form === 'chunked' && { duplex: 'half' }),
        });
        expect(response.status).toBe(413);
        expect(await response.json()).toMatchObject({ error: 'invalid_request' });
      },
    );

    it('are limited in number per minute', async () => {
      const busy = await startDevIssuer({
        port: 0,
        resourceUrl: 'http://localhost:3002/mcp',
        scopes: () => [],
      });
      try {
        const answers = await Promise.all(
          Array.from({ length: 130 }, () =>
            fetch(registrationUrl(busy), {
              method: 'POST',
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify({ redirect_uris: ['https://claude.ai/cb'] }),
            }),
          ),
        );
        expect(answers.filter(({ status }) => status === 201)).toHaveLength(120);
        const refused = answers.find(({ status }) => status === 429);
        expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
        expect(await refused?.json()).toMatchObject({ error: 'too_many_requests' });
      } finally {
        await busy.close();
      }
    });

    it.each([
      '',
      '{',
      'null',
      '[]',
      '"text"',
      '{}',
      ...[null, 7, 'https://claude.ai/cb', {}, [], [[]], [{}], [null], ['\ud800:/x']].map((value) =>
        JSON.stringify({ redirect_uris: value }),
      ),
      ...[
        ['grant_types', 7],
        ['grant_types', {}],
        ['grant_types', [{}]],
        ['response_types', 'code'],
        ['response_types', [{}]],
        ['response_types', [7]],
        ['token_endpoint_auth_method', {}],
        ['token_endpoint_auth_method', []],
        ['application_type', 7],
        ['client_name', {}],
        ['client_id', {}],
        ['client_id', 7],
        ['client_id', 'm2m_demo'],
        ['contacts', 7],
        ['contacts', [{}]],
        ['jwks', 7],
        ['jwks', { keys: 7 }],
        ['jwks', { keys: [null] }],
        ['jwks_uri', 7],
        ['default_max_age', 'x'],
        ['sector_identifier_uri', 'https://127.0.0.1:1/'],
        ['__proto__', 7],
        ['constructor', 7],
        ['logo_uri', 'javascript:alert(1)'],
        ['scope', {}],
      ].map((entry) =>
        JSON.stringify({ redirect_uris: ['https://claude.ai/cb'], ...Object.fromEntries([entry]) }),
      ),
    ])('get 201 or 400, never a server error, for %s', async (body) => {
      const response = await register(body);
      expect([201, 400]).toContain(response.status);
      expect(await response.json()).toHaveProperty(response.status === 201 ? 'client_id' : 'error');
    });
  });

  describe('with a client ID metadata document', () => {
    it('can sign in without registration', async () => {
      const client = new OAuthClient(issuer.resourceIssuer, DOCUMENT_URL, 'http://127.0.0.1:5000/');
      const { access_token: token = '' } = await client.obtainTokens();
      expect(decodeJwt(token)).toMatchObject({ client_id: DOCUMENT_URL });
    });

    it("may not use another client's document", async () => {
      const client = new OAuthClient(
        issuer.resourceIssuer,
        'https://client.example/other.json',
        'http://127.0.0.1/',
      );
      await expect(signIn(client.authorizationUrl())).rejects.toThrow(/does not match/);
    });

    it('may not use redirect URIs that a registered client may not use', async () => {
      const url = 'https://client.example/evil.json';
      const client = new OAuthClient(issuer.resourceIssuer, url, 'http://evil.example/callback');
      await expect(signIn(client.authorizationUrl())).rejects.toThrow(/redirect_uris must be/);
    });
  });

  describe('for machines', () => {
    const credentials = { client_id: 'm2m_demo', client_secret: 'm2m_demo_secret' };

    it.each(['/oauth/token', '/resources/res_100000000000000001/oauth/token'])(
      'get a token at %s',
      async (path) => {
        const response = await fetch(`${issuer.url}${path}`, {
          method: 'POST',
          body: new URLSearchParams({ grant_type: 'client_credentials', ...credentials }),
        });
        const body = (await response.json()) as { access_token: string };
        expect(body).toMatchObject({ token_type: 'Bearer', scope: 'usr:read org:read', expires_in: 3600 });
        const claims = decodeJwt(body.access_token);
        expect(claims).toMatchObject({
          sub: 'm2m_demo',
          client_id: 'm2m_demo',
          oid: 'org_acme',
          scopes: ['usr:read', 'org:read'],
          aud: ['http://localhost:3002/mcp', 'res_100000000000000001'],
        });
        expect(claims).not.toHaveProperty('sid');
        expect(claims).not.toHaveProperty('roles');
      },
    );

    it('get only the requested scopes, within the configured ones', async () => {
      const machine = new OAuthClient(issuer.resourceIssuer, 'm2m_demo');
      const request = { grant_type: 'client_credentials', ...credentials };
      expect(await machine.token({ ...request, scope: 'org:read' })).toMatchObject({ scope: 'org:read' });
      expect(await machine.token({ ...request, scope: 'org:read admin' })).toMatchObject({
        scope: 'org:read',
      });
    });

    it('need their secret', async () => {
      const machine = new OAuthClient(issuer.resourceIssuer, 'm2m_demo');
      const request = { grant_type: 'client_credentials', client_secret: 'wrong' };
      expect(await machine.token(request)).toMatchObject({ status: 401, error: 'invalid_client' });
    });
  });
});
