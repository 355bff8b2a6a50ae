import { OAuthClient, signIn } from '../../test/support/sign-in.js';
import { startDevIssuer, type DevIssuer } from './dev-issuer.js';
import type { RequestRecord } from './http/request-record.js';

const TOKEN_PATH = '/resources/res_100000000000000001/oauth/token';

describe('the request log', () => {
  const records: RequestRecord[] = [];
  let issuer: DevIssuer;
  let client: OAuthClient;

  beforeAll(async () => {
    issuer = await startDevIssuer({
      port: 0,
      resourceUrl: 'http://localhost:3002/mcp',
      scopes: () => ['usr:read'],
      onRequest: (record) => void records.push(record),
    });
    client = await OAuthClient.register(issuer.resourceIssuer);
  });
  afterAll(() => issuer.close());
  beforeEach(() => void records.splice(0));

  /** Waits for the record of the last request, which follows its response. */
  async function last(): Promise<RequestRecord | undefined> {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return records.at(-1);
  }

  it('has one record per request, without secrets', async () => {
    const callback = await signIn(client.authorizationUrl());
    const code = callback.searchParams.get('code') ?? '';
    const { access_token: token = '', refresh_token: refresh = '' } = await client.exchange(code);
    expect(await last()).toEqual({
      method: 'POST',
      path: TOKEN_PATH,
      status: 200,
      clientId: client.clientId,
      signedIn: {
        issuer: issuer.url,
        subject: expect.stringMatching(/^usr_/),
        organizationId: expect.stringMatching(/^org_/),
      },
      durationMs: expect.any(Number),
      address: '127.0.0.1',
    });
    expect(records.slice(0, -1).every(({ signedIn }) => !signedIn)).toBe(true);
    await client.refresh(refresh);
    expect(await last()).toMatchObject({ status: 200, signedIn: undefined });
    records.pop();
    expect(records.map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([
      'GET /resources/res_100000000000000001/oauth/authorize 303',
      'GET /sign-in/… 200',
      'POST /sign-in/… 303',
      'GET /resources/res_100000000000000001/oauth/authorize/… 303',
      `POST ${TOKEN_PATH} 200`,
    ]);
    const text = JSON.stringify(records);
    for (const secret of [code, token, refresh, 'state', '?']) expect(text).not.toContain(secret);
  });

  it('records why a grant is refused', async () => {
    await client.refresh('no-such-token');
    expect(await last()).toMatchObject({
      status: 400,
      clientId: client.clientId,
      error: 'invalid_grant',
      errorDescription: 'refresh token not found',
      refused: { issuer: issuer.url, clientId: client.clientId },
    });
    expect(JSON.stringify(records)).not.toContain('no-such-token');
  });

  it.each([
    ['authorization', { redirect_uri: 'https://other.example/callback' }, 'invalid_redirect_uri'],
    ['authorization', { code_challenge: undefined }, 'invalid_request'],
  ])('records why an %s with %j is refused', async (_what, parameters, error) => {
    await signIn(client.authorizationUrl(parameters)).catch(() => undefined);
    const refused = { issuer: issuer.url, clientId: client.clientId };
    expect(await last()).toMatchObject({ error, errorDescription: expect.any(String), refused });
  });

  it('omits an unknown client from a refusal', async () => {
    const stranger = new OAuthClient(issuer.resourceIssuer, 'jane@example.com');
    await stranger.token({ grant_type: 'client_credentials', client_secret: 'guessed' });
    expect(await last()).toMatchObject({
      error: 'invalid_client',
      refused: { issuer: issuer.url, clientId: undefined },
    });
  });

  it('records why a registration is refused, without its content', async () => {
    const path = '/api/v1/resources/res_100000000000000001/clients:register';
    for (const body of ['{"client_secret":"hidden"', '{"redirect_uris":["urn:hidden"]}']) {
      await fetch(`${issuer.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      expect(await last()).toMatchObject({
        path,
        status: 400,
        error: expect.stringMatching(/^invalid_/),
        refused: undefined,
      });
    }
    expect(JSON.stringify(records)).not.toContain('hidden');
  });

  it('records an unknown path, without the query', async () => {
    await fetch(`${issuer.url}/elsewhere?token=hidden`);
    expect(await last()).toMatchObject({ path: '/elsewhere', status: 404, error: 'not_found' });
  });
});
