import { request } from 'node:http';
import { freePort } from '../../test/support/ports.js';
import { startDevIssuer, type DevIssuer } from './dev-issuer.js';
import { standaloneOptions } from './standalone-options.js';

const RESOURCE_URL = 'https://localhost:8443/mcp';
const NODE_ENV = 'development';

describe('standaloneOptions', () => {
  it('requires only the resource, and defaults to loopback', () => {
    const { scopes, ...options } = standaloneOptions({ NODE_ENV, RESOURCE_URL, ISSUER_PUBLIC_URL: '' });
    expect(options).toEqual({
      port: 3003,
      listenHost: '127.0.0.1',
      resourceUrl: RESOURCE_URL,
      resourceId: 'res_100000000000000001',
    });
    expect(scopes()).toEqual([]);
  });

  it('reads every option from the environment', () => {
    const { scopes, ...options } = standaloneOptions({
      NODE_ENV: 'test',
      RESOURCE_URL,
      ISSUER_PORT: '3103',
      ISSUER_LISTEN_HOST: '0.0.0.0',
      ISSUER_PUBLIC_URL: 'https://issuer.localhost:8443',
      ISSUER_SCOPES: 'usr:read admin',
      ISSUER_STATE: '/state',
      MCP_SERVER_ID: 'res_7',
    });
    expect(options).toEqual({
      port: 3103,
      listenHost: '0.0.0.0',
      publicUrl: 'https://issuer.localhost:8443',
      resourceUrl: RESOURCE_URL,
      resourceId: 'res_7',
      stateDirectory: '/state',
    });
    expect(scopes()).toEqual(['usr:read', 'admin']);
  });

  it.each([
    [{ NODE_ENV: 'production', RESOURCE_URL }, 'NODE_ENV: must be "development" or "test"'],
    [{ NODE_ENV: 'staging', RESOURCE_URL }, 'NODE_ENV: must be'],
    [{ NODE_ENV: 'Production', RESOURCE_URL }, 'NODE_ENV: must be'],
    [{ NODE_ENV: '', RESOURCE_URL }, 'NODE_ENV: must be'],
    [{ RESOURCE_URL }, 'NODE_ENV: must be'],
    [{ NODE_ENV }, 'RESOURCE_URL: '],
    [{ NODE_ENV, RESOURCE_URL, ISSUER_PORT: '99999' }, 'ISSUER_PORT: is not a valid port'],
    [{ NODE_ENV, RESOURCE_URL, ISSUER_PUBLIC_URL: 'issuer.localhost' }, 'ISSUER_PUBLIC_URL: '],
    [{ NODE_ENV, RESOURCE_URL, ISSUER_SCOPES: 'a"b' }, 'ISSUER_SCOPES: is not a valid list of scopes'],
  ])('rejects %j', (variables, problem) => {
    expect(() => standaloneOptions(variables)).toThrow(problem);
  });
});

describe('an issuer behind a proxy', () => {
  const PUBLIC_URL = 'https://issuer.localhost:8443';
  const HOST = 'issuer.localhost:8443';
  let issuer: DevIssuer;
  let port: number;

  beforeAll(async () => {
    port = await freePort();
    issuer = await startDevIssuer({
      port,
      listenHost: '127.0.0.1',
      publicUrl: `${PUBLIC_URL}/`,
      resourceUrl: RESOURCE_URL,
      scopes: () => ['usr:read'],
    });
  });
  afterAll(() => issuer.close());

  it('uses its public URL as issuer', async () => {
    expect(issuer.url).toBe(PUBLIC_URL);
    const { body } = await ask(`/.well-known/oauth-authorization-server/resources/res_100000000000000001`);
    expect(JSON.parse(body)).toMatchObject({
      issuer: issuer.resourceIssuer,
      authorization_endpoint: `${issuer.resourceIssuer}/oauth/authorize`,
      registration_endpoint: `${PUBLIC_URL}/api/v1/resources/res_100000000000000001/clients:register`,
      jwks_uri: `${PUBLIC_URL}/keys`,
    });
  });

  it('accepts its public host name in any case', async () => {
    expect((await ask('/keys', 'ISSUER.localhost:8443')).status).toBe(200);
  });

  it.each(['localhost', '127.0.0.1', 'issuer.localhost', 'issuer.localhost:9999', 'attacker.example'])(
    'rejects the Host %s',
    async (host) => {
      expect((await ask('/keys', host)).status).toBe(403);
    },
  );

  it('sets secure cookies regardless of forwarded headers from the client', async () => {
    const client = await register();
    const { status, headers } = await ask(
      `/resources/res_100000000000000001/oauth/authorize?${new URLSearchParams({
        response_type: 'code',
        client_id: client,
        redirect_uri: 'http://127.0.0.1/callback',
        code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
        code_challenge_method: 'S256',
      }).toString()}`,
      HOST,
      { headers: { 'x-forwarded-proto': 'http', 'x-forwarded-host': 'attacker.example' } },
    );
    expect(status).toBe(303);
    expect(headers.location).toMatch(/^\/sign-in\//);
    expect(headers['set-cookie']).not.toHaveLength(0);
    headers['set-cookie']?.forEach((cookie) => expect(cookie).toMatch(/; secure/i));
  });

  async function register(): Promise<string> {
    const body = JSON.stringify({
      redirect_uris: ['http://127.0.0.1/callback'],
      token_endpoint_auth_method: 'none',
    });
    const path = '/api/v1/resources/res_100000000000000001/clients:register';
    const headers = { 'content-type': 'application/json' };
    return JSON.parse((await ask(path, HOST, { method: 'POST', headers, body })).body).client_id;
  }

  interface Answer {
    status: number | undefined;
    headers: NodeJS.Dict<string | string[]> & { 'set-cookie'?: string[] };
    body: string;
  }

  function ask(
    path: string,
    host = HOST,
    { method = 'GET', headers = {}, body }: { method?: string; headers?: object; body?: string } = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, method, headers: { ...headers, host } }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode, headers: response.headers, body: text }),
        );
      })
        .on('error', reject)
        .end(body);
    });
  }
});
