import { ScalekitClient } from '@scalekit-sdk/node';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { OAuthClient, signIn } from '../../test/support/sign-in.js';
import { startDevIssuer, type DevIssuer } from './dev-issuer.js';

const RESOURCE_URL = 'http://localhost:3002/mcp';
const SCOPES = ['usr:read', 'usr:write', 'admin'];

describe('authorization code flow', () => {
  let issuer: DevIssuer;
  let client: OAuthClient;

  beforeAll(async () => {
    issuer = await startDevIssuer({ port: 0, resourceUrl: RESOURCE_URL, scopes: () => SCOPES });
    client = await OAuthClient.register(issuer.resourceIssuer);
  });
  afterAll(() => issuer.close());

  it("issues a token in Scalekit's format that its SDK accepts", async () => {
    const { access_token: token = '', scope } = await client.obtainTokens({
      scope: 'usr:read openid',
      resource: RESOURCE_URL,
    });
    expect(scope).toBe('usr:read openid');
    const claims = await new ScalekitClient(issuer.url, '', '').validateToken(token, {
      issuer: issuer.url,
      audience: [RESOURCE_URL],
    });
    const { iat = 0 } = decodeJwt(token);
    expect(claims).toEqual({
      iss: issuer.url,
      aud: [RESOURCE_URL, 'res_100000000000000001'],
      sub: 'usr_100000000000000001',
      client_id: client.clientId,
      oid: 'org_acme',
      resid: 'res_100000000000000001',
      roles: ['admin'],
      scope: 'usr:read openid',
      scopes: ['usr:read', 'openid'],
      sid: expect.stringMatching(/^ses_/),
      jti: expect.stringMatching(/^tkn_\d+$/),
      iat,
      nbf: iat,
      exp: iat + 3600,
    });
    expect(client.clientId).toMatch(/^m2m_\d+$/);
    expect(decodeProtectedHeader(token)).toEqual({
      alg: 'RS256',
      typ: 'JWT',
      kid: expect.stringMatching(/^snk_\d+$/),
    });
  });

  it('returns its issuer (RFC 9207) and the state', async () => {
    const callback = await signIn(client.authorizationUrl());
    expect(callback.searchParams.get('iss')).toBe(issuer.resourceIssuer);
    expect(callback.searchParams.get('state')).toBe('xyz');
  });

  it.each(['allow', 'deny'] as const)(
    'returns the issuer of the environment to a client that its metadata led here: %s',
    async (decision) => {
      const metadata = await fetch(`${issuer.url}/.well-known/oauth-authorization-server`);
      const { issuer: expected, authorization_endpoint: endpoint } = (await metadata.json()) as Record<
        string,
        string
      >;
      const { search } = client.authorizationUrl();
      const callback = await signIn(new URL(`${endpoint}${search}`), { decision });
      expect(callback.searchParams.getAll('iss')).toEqual([expected]);
      expect(callback.searchParams.has(decision === 'deny' ? 'error' : 'code')).toBe(true);
    },
  );

  it('returns the issuer of the environment without a page too', async () => {
    const url = new URL(`${issuer.url}/oauth/authorize${client.authorizationUrl().search}`);
    url.searchParams.set('prompt', 'none');
    const { headers } = await fetch(url, { redirect: 'manual' });
    const { searchParams } = new URL(headers.get('location') ?? '');
    expect([searchParams.get('error'), searchParams.get('iss')]).toEqual(['login_required', issuer.url]);
  });

  it('reports a denial to the client', async () => {
    const callback = await signIn(client.authorizationUrl(), { decision: 'deny' });
    expect(Object.fromEntries(callback.searchParams)).toMatchObject({
      error: 'access_denied',
      state: 'xyz',
      iss: issuer.resourceIssuer,
    });
  });

  it.each([
    ['alice', undefined, 'usr:read usr:write admin'],
    ['bob', undefined, 'usr:read usr:write'],
    ['carol', undefined, 'usr:read'],
    ['carol', 'openid usr:write usr:read', 'openid usr:read'],
    ['alice', 'usr:read never:heard', 'usr:read'],
  ])('grants %s, who requests the scopes %s, the scopes %s', async (user, scope, granted) => {
    expect(await client.obtainTokens({ scope }, { user })).toMatchObject({ scope: granted });
  });

  it('denies a user who may have none of the requested scopes', async () => {
    const callback = await signIn(client.authorizationUrl({ scope: 'admin' }), { user: 'bob' });
    expect(callback.searchParams.get('error')).toBe('access_denied');
    expect(callback.searchParams.get('error_description')).toContain('bob');
  });

  it.each([RESOURCE_URL, `${RESOURCE_URL}/`, 'res_100000000000000001'])(
    'accepts the resource name %s',
    async (resource) => {
      const callback = await signIn(client.authorizationUrl({ resource }));
      const code = callback.searchParams.get('code') ?? '';
      expect(await client.exchange(code, { resource })).toMatchObject({ status: 200 });
    },
  );

  it.each([
    ['http://localhost:3002', RESOURCE_URL],
    ['http://localhost:3002/', RESOURCE_URL],
    ['http://127.0.0.1:3002/mcp', 'http://127.0.0.1:3002/mcp'],
    ['http://127.0.0.1:3002', 'http://127.0.0.1:3002/mcp'],
    ['http://[::1]:3002/mcp/', 'http://[::1]:3002/mcp'],
  ])('accepts the resource name %s and signs tokens for %s', async (resource, audience) => {
    const code = (await signIn(client.authorizationUrl({ resource }))).searchParams.get('code') ?? '';
    const { access_token: token = '', refresh_token: refresh } = await client.exchange(code, { resource });
    expect(decodeJwt(token).aud).toEqual([audience, 'res_100000000000000001']);
    const { access_token: next = '' } = await client.refresh(refresh, { resource });
    expect(decodeJwt(next).aud).toEqual([audience, 'res_100000000000000001']);
  });

  it('accepts different names of the resource within one flow', async () => {
    const callback = await signIn(client.authorizationUrl({ resource: 'http://127.0.0.1:3002/mcp' }));
    const code = callback.searchParams.get('code') ?? '';
    const tokens = await client.exchange(code, { resource: RESOURCE_URL });
    expect(tokens).toMatchObject({ status: 200 });
    expect(await client.refresh(tokens.refresh_token, { resource: 'http://localhost:3002' })).toMatchObject({
      status: 200,
    });
    const other = { resource: 'https://other.example/mcp' };
    expect(await client.refresh(tokens.refresh_token, other)).toMatchObject({ error: 'invalid_target' });
  });

  it.each([
    'https://other.example/mcp',
    'http://localhost:3003/mcp',
    'http://127.0.0.1:3002/other',
    'http://localhost.evil.example:3002/mcp',
    'res_2',
  ])('rejects the resource %s', async (resource) => {
    const callback = await signIn(client.authorizationUrl({ resource }));
    expect(callback.searchParams.get('error')).toBe('invalid_target');
  });

  it('requires PKCE', async () => {
    const callback = await signIn(client.authorizationUrl({ code_challenge: undefined }));
    expect(callback.searchParams.get('error')).toBe('invalid_request');
  });

  it('rejects plain PKCE', async () => {
    const callback = await signIn(client.authorizationUrl({ code_challenge_method: 'plain' }));
    expect(callback.searchParams.get('error')).toBe('invalid_request');
  });

  it('accepts a code only once', async () => {
    const code = (await signIn(client.authorizationUrl())).searchParams.get('code') ?? '';
    expect(await client.exchange(code)).toMatchObject({ status: 200 });
    expect(await client.exchange(code)).toMatchObject({ status: 400, error: 'invalid_grant' });
  });

  it('cannot sign in silently without a session', async () => {
    const callback = await signIn(client.authorizationUrl({ prompt: 'none' }));
    expect(callback.searchParams.get('error')).toBe('login_required');
  });

  it('supports a resource without scopes', async () => {
    const other = await startDevIssuer({ port: 0, resourceUrl: RESOURCE_URL, scopes: () => [] });
    try {
      const tokens = await (await OAuthClient.register(other.resourceIssuer)).obtainTokens();
      expect(tokens).toMatchObject({ status: 200, scope: 'openid' });
    } finally {
      await other.close();
    }
  });
});
