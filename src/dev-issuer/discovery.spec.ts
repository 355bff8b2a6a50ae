import { request } from 'node:http';
import { startDevIssuer, type DevIssuer } from './dev-issuer.js';

const RESOURCE_PATH = '/resources/res_100000000000000001';

describe('discovery', () => {
  let issuer: DevIssuer;
  let scopes = ['usr:read'];

  beforeAll(async () => {
    issuer = await startDevIssuer({
      port: 0,
      resourceUrl: 'http://localhost:3002/mcp',
      scopes: () => scopes,
    });
  });
  afterAll(() => issuer.close());

  it.each([
    `/.well-known/oauth-authorization-server${RESOURCE_PATH}`,
    `${RESOURCE_PATH}/.well-known/oauth-authorization-server`,
  ])("describes the resource's authorization server at %s", async (path) => {
    const response = await fetch(`${issuer.url}${path}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    const base = `${issuer.url}${RESOURCE_PATH}`;
    expect(await response.json()).toMatchObject({
      issuer: base,
      authorization_endpoint: `${base}/oauth/authorize`,
      token_endpoint: `${base}/oauth/token`,
      registration_endpoint: `${issuer.url}/api/v1${RESOURCE_PATH}/clients:register`,
      jwks_uri: `${issuer.url}/keys`,
      client_id_metadata_document_supported: true,
      authorization_response_iss_parameter_supported: true,
      code_challenge_methods_supported: ['S256'],
      scopes_supported: ['openid', 'profile', 'email', 'offline_access', 'usr:read'],
    });
    expect(issuer.resourceIssuer).toBe(base);
  });

  it('reads the scopes for each request', async () => {
    scopes = ['usr:read', 'org:read'];
    const response = await fetch(`${issuer.resourceIssuer}/.well-known/oauth-authorization-server`);
    expect(await response.json()).toMatchObject({
      scopes_supported: expect.arrayContaining(['usr:read', 'org:read']),
    });
  });

  it.each(['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'])(
    'describes the environment at %s',
    async (path) => {
      const response = await fetch(`${issuer.url}${path}`);
      expect(await response.json()).toMatchObject({ issuer: issuer.url, jwks_uri: `${issuer.url}/keys` });
    },
  );

  it.each([
    `${RESOURCE_PATH}/keys`,
    `${RESOURCE_PATH}/.well-known/openid-configuration`,
    '/.well-known/oauth-authorization-server/resources/res_2',
    '/resources/res_2/oauth/authorize',
    '/',
  ])('returns 404 for %s', async (path) => {
    expect((await fetch(`${issuer.url}${path}`)).status).toBe(404);
  });

  it('publishes one public key', async () => {
    const { keys } = (await (await fetch(`${issuer.url}/keys`)).json()) as {
      keys: Record<string, unknown>[];
    };
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatchObject({
      kty: 'RSA',
      alg: 'RS256',
      use: 'sig',
      kid: expect.stringMatching(/^snk_\d+$/),
    });
    expect(keys[0]).not.toHaveProperty('d');
  });

  it.each([
    `/.well-known/oauth-authorization-server${RESOURCE_PATH}`,
    `/api/v1${RESOURCE_PATH}/clients:register`,
    `${RESOURCE_PATH}/oauth/token`,
    `${RESOURCE_PATH}/oauth/revoke`,
  ])('answers a preflight of a browser client for %s', async (path) => {
    const response = await fetch(`${issuer.url}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin: 'http://localhost:6274',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,mcp-protocol-version',
      },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-headers')).toContain('mcp-protocol-version');
  });

  it('lets browser clients read errors', async () => {
    const response = await fetch(`${issuer.resourceIssuer}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'refresh_token' }),
      headers: { origin: 'http://localhost:6274' },
    });
    expect(response.status).toBe(400);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
  });

  it.each(['attacker.example', 'localhost.attacker.example', '127.0.0.1.nip.io'])(
    'rejects the Host %s',
    async (host) => {
      expect(await statusOf('/keys', host)).toBe(403);
    },
  );

  it.each(['//', 'http://['])('rejects the request target %s', async (path) => {
    expect(await statusOf(path)).toBe(400);
  });

  it('redirects a browser from 127.0.0.1 to localhost, where the cookies are set', async () => {
    const { port } = new URL(issuer.url);
    const response = await fetch(`http://127.0.0.1:${port}${RESOURCE_PATH}/oauth/authorize?a=b`, {
      redirect: 'manual',
    });
    expect(response.headers.get('location')).toBe(`${issuer.resourceIssuer}/oauth/authorize?a=b`);
  });

  it('records requests without their query', async () => {
    await fetch(`${issuer.url}/keys?secret=1`);
    expect(issuer.requests.at(-1)).toBe('GET /keys');
  });

  function statusOf(path: string, host = 'localhost'): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port: new URL(issuer.url).port, path, headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
  }
});
