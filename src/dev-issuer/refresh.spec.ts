import { decodeJwt } from 'jose';
import { OAuthClient } from '../../test/support/sign-in.js';
import { startDevIssuer, type DevIssuer } from './dev-issuer.js';

describe('refresh tokens', () => {
  let issuer: DevIssuer;
  let client: OAuthClient;

  beforeAll(async () => {
    issuer = await startDevIssuer({
      port: 0,
      resourceUrl: 'http://localhost:3002/mcp',
      scopes: () => ['usr:read'],
      accessTokenLifetimeSeconds: 300,
    });
    client = await OAuthClient.register(issuer.resourceIssuer);
  });
  afterAll(() => issuer.close());

  /** Stops the clock some seconds later, for the rest of the test. */
  function later(seconds: number): void {
    const then = Date.now() + seconds * 1000;
    jest.spyOn(Date, 'now').mockImplementation(() => then);
  }

  it('are issued with or without offline_access', async () => {
    expect(await client.obtainTokens({ scope: 'offline_access' })).toHaveProperty('refresh_token');
    const { refresh_token: token } = await client.obtainTokens({ scope: 'usr:read openid' });
    expect(await client.refresh(token)).toMatchObject({ status: 200, scope: 'usr:read openid' });
  });

  it('are not issued to a client that did not register for them', async () => {
    const other = await OAuthClient.register(issuer.resourceIssuer, { grant_types: ['authorization_code'] });
    const tokens = await other.obtainTokens({ scope: 'usr:read' });
    expect(tokens).toMatchObject({ status: 200 });
    expect(tokens).not.toHaveProperty('refresh_token');
  });

  it('outlive their session', async () => {
    const { refresh_token: token } = await client.obtainTokens({ scope: 'usr:read' });
    later(2 * 24 * 3600);
    expect(await client.refresh(token)).toMatchObject({ status: 200 });
  });

  it('are replaced on each use, and may be used again for 30 seconds', async () => {
    later(0);
    const { refresh_token: token } = await client.obtainTokens({ scope: 'usr:read' });
    const parallel = await Promise.all([client.refresh(token), client.refresh(token), client.refresh(token)]);
    expect(parallel.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set([token, ...parallel.map((tokens) => tokens.refresh_token)]).size).toBe(4);

    later(29);
    expect(await client.refresh(token)).toMatchObject({ status: 200 });
    const successors = await Promise.all(parallel.map((tokens) => client.refresh(tokens.refresh_token)));
    expect(successors.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('revoke their successors if they are used after 30 seconds', async () => {
    later(0);
    const first = await client.obtainTokens({ scope: 'usr:read offline_access' });
    const second = await client.refresh(first.refresh_token);
    later(20);
    expect(await client.refresh(first.refresh_token)).toMatchObject({ status: 200 });
    later(11);
    expect(await client.refresh(first.refresh_token)).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect(await client.refresh(second.refresh_token)).toMatchObject({ status: 400, error: 'invalid_grant' });
  });

  it('keep the session and the configured lifetime, and get a new token id', async () => {
    const first = await client.obtainTokens({ scope: 'usr:read offline_access' });
    const second = await client.refresh(first.refresh_token);
    const before = decodeJwt(first.access_token ?? '');
    const after = decodeJwt(second.access_token ?? '');
    expect(after.sid).toBe(before.sid);
    expect(after.jti).not.toBe(before.jti);
    expect((after.exp ?? 0) - (after.iat ?? 0)).toBe(300);
  });

  it('are invalid after revocation (RFC 7009)', async () => {
    const { refresh_token: token } = await client.obtainTokens({ scope: 'offline_access' });
    expect(await client.revoke(token)).toBe(200);
    expect(await client.refresh(token)).toMatchObject({ error: 'invalid_grant' });
  });

  it('are bound to their client', async () => {
    const { refresh_token: token } = await client.obtainTokens({ scope: 'offline_access' });
    const other = await OAuthClient.register(issuer.resourceIssuer);
    expect(await other.revoke(token)).toBe(200);
    expect(await other.refresh(token)).toMatchObject({ error: 'invalid_grant' });
    expect(await client.refresh(token)).toMatchObject({ status: 200 });
  });

  it('survive a key rotation', async () => {
    const { refresh_token: token } = await client.obtainTokens({ scope: 'offline_access' });
    await issuer.rotateKeys();
    expect(await client.refresh(token)).toMatchObject({ status: 200 });
  });
});
