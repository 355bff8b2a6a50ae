import { type Aerie, startAerie } from './support/aerie.js';
import { CLIENTS } from './support/clients.js';
import { MemoryOAuthProvider } from './support/oauth-client.js';
import { OwnKey, startWithOwnKeys } from './support/own-keys.js';

const PATHS = [
  ['POST', '/register'],
  ['GET', '/authorize?response_type=code'],
  ['POST', '/token'],
] as const;

/** Paths at which clients look for the metadata of an authorization server. */
const METADATA_PATHS = [
  '/.well-known/oauth-authorization-server',
  '/.well-known/oauth-authorization-server/mcp',
  '/mcp/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
  '/.well-known/openid-configuration/mcp',
  '/mcp/.well-known/openid-configuration',
];

describe('a client that mistakes the server for an authorization server', () => {
  let aerie: Aerie;
  let description: string;

  const request = (method: string, path: string): Promise<Response> =>
    fetch(`${aerie.origin}${path}`, {
      method,
      headers: { origin: 'https://any.example', 'content-type': 'application/json' },
      ...(method === 'POST' && { body: '{"redirect_uris":["https://any.example/callback"]}' }),
    });

  describe('with own keys only', () => {
    beforeAll(async () => {
      aerie = await startWithOwnKeys({ JWT_PUBLIC_KEY: new OwnKey().pem });
      description = 'There is no sign-in here. Send a bearer token';
    });
    afterAll(() => aerie.close());

    it.each([...PATHS, ...METADATA_PATHS.map((path) => ['GET', path] as const)])(
      'is told so at %s %s',
      expectRefusal,
    );

    it.each(CLIENTS)('gets an explanation: the official client, %s', async (_name, attempt) => {
      const client = attempt(aerie.url, { authProvider: new MemoryOAuthProvider() });
      await expect(client.connect()).rejects.toThrow(description);
    });

    it('gets an explanation in a browser, after a preflight', async () => {
      const { status, headers } = await fetch(`${aerie.origin}/register`, {
        method: 'OPTIONS',
        headers: {
          origin: 'https://any.example',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type',
        },
      });
      expect(status).toBe(204);
      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(headers.get('access-control-allow-headers')).toBe('*');
    });

    it('still gets a plain 404 elsewhere', async () => {
      expect(await (await request('GET', '/registers')).json()).toEqual({
        statusCode: 404,
        message: 'Not Found',
      });
    });
  });

  describe('with an authorization server', () => {
    beforeAll(async () => {
      aerie = await startAerie();
      description = `sign in at the authorization server ${aerie.issuer.resourceIssuer}: its metadata at ${aerie.issuer.url}/.well-known/oauth-authorization-server/resources/`;
    });
    afterAll(() => aerie.close());

    it.each([...PATHS, ['GET', '/.well-known/oauth-authorization-server/other'] as const])(
      'gets the authorization server’s URL at %s %s',
      expectRefusal,
    );

    describe.each(METADATA_PATHS)('that looks at %s', (path) => {
      const ask = (method: string, headers: Record<string, string> = {}, at = path): Promise<Response> =>
        fetch(`${aerie.origin}${at}`, {
          method,
          headers: { origin: 'https://any.example', ...headers },
          redirect: 'manual',
        });

      it.each(['GET', 'HEAD'])('is redirected to the document of the issuer, with %s', async (method) => {
        const { status, headers } = await ask(method);
        expect(status).toBe(302);
        expect(headers.get('location')).toBe(document());
        expect(headers.get('access-control-allow-origin')).toBe('*');
        expect(headers.get('cache-control')).toBe('public, max-age=3600');
      });

      it('finds the document there', async () => {
        const response = await fetch(`${aerie.origin}${path}`);
        expect(await response.json()).toMatchObject({ issuer: aerie.issuer.resourceIssuer });
      });

      it('may send the version header from a browser', async () => {
        const { status, headers } = await ask('OPTIONS', {
          'access-control-request-method': 'GET',
          'access-control-request-headers': 'mcp-protocol-version',
        });
        expect(status).toBe(204);
        expect(headers.get('access-control-allow-origin')).toBe('*');
        expect(headers.get('access-control-allow-headers')).toBe('mcp-protocol-version');
      });

      it('cannot choose where it is redirected', async () => {
        const forged = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' };
        const { headers } = await ask('GET', forged, `${path}/?redirect_uri=https://evil.example`);
        expect(headers.get('location')).toBe(document());
        expect((await ask('GET', {}, `${path}//evil.example`)).headers.get('location')).toBeNull();
        expect((await ask('POST')).status).toBe(404);
      });
    });

    const document = (): string =>
      `${aerie.issuer.url}/.well-known/oauth-authorization-server/resources/res_100000000000000001`;
  });

  async function expectRefusal(method: string, path: string): Promise<void> {
    const response = await request(method, path);
    expect(response.status).toBe(404);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toEqual({
      error: 'invalid_request',
      error_description: expect.stringContaining(description),
    });
  }
});
