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

  it('come with offline_access alone, and not without it', async () => {
    expect(await client.obtainTokens({ scope: 'offline_access' })).toHaveProperty('refresh_token');
    expect(await client.obtainTokens({ scope: 'usr:read openid' })).not.toHaveProperty('refresh_token');
  });

  it('are replaced on each use, and a used one revokes its successor', async () => {
    const first = await client.obtainTokens({ scope: 'usr:read offline_access' });
    const second = await client.refresh(first.refresh_token);
    expect(second).toMatchObject({ status: 200, scope: 'usr:read offline_access' });
    expect(second.refresh_token).not.toBe(first.refresh_token);

    expect(await client.refresh(first.refresh_token)).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect(await client.refresh(second.refresh_token)).toMatchObject({ status: 400, error: 'invalid_grant' });
  });

  it('keep the session and the configured lifetime, under a new token id', async () => {
    const first = await client.obtainTokens({ scope: 'usr:read offline_access' });
    const second = await client.refresh(first.refresh_token);
    const before = decodeJwt(first.access_token ?? '');
    const after = decodeJwt(second.access_token ?? '');
    expect(after.sid).toBe(before.sid);
    expect(after.jti).not.toBe(before.jti);
    expect((after.exp ?? 0) - (after.iat ?? 0)).toBe(300);
  });

  it('end when they are revoked (RFC 7009)', async () => {
    const { refresh_token: token } = await client.obtainTokens({ scope: 'offline_access' });
    expect(await client.revoke(token)).toBe(200);
    expect(await client.refresh(token)).toMatchObject({ error: 'invalid_grant' });
  });

  it('belong to their client', async () => {
    const { refresh_token: token } = await client.obtainTokens({ scope: 'offline_access' });
    const other = await OAuthClient.register(issuer.resourceIssuer);
    expect(await other.revoke(token)).toBe(200);
    expect(await other.refresh(token)).toMatchObject({ error: 'invalid_grant' });
    expect(await client.refresh(token)).toMatchObject({ status: 200 });
  });

  it('survive a rotation of the keys', async () => {
    const { refresh_token: token } = await client.obtainTokens({ scope: 'offline_access' });
    await issuer.rotateKeys();
    expect(await client.refresh(token)).toMatchObject({ status: 200 });
  });
});
