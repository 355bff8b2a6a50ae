import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
} from 'jose';
import { OAuthClient } from '../../test/support/sign-in.js';
import { startDevIssuer, type DevIssuer, type DevIssuerOptions } from './dev-issuer.js';
import { generateSigningKey } from './signing-key.js';
import { signStoredKeyToken } from './stored-key-token.js';

const OPTIONS: DevIssuerOptions = {
  port: 0,
  resourceUrl: 'http://localhost:3002/mcp',
  scopes: () => ['usr:read', 'admin'],
};

describe('startDevIssuer', () => {
  const running: DevIssuer[] = [];
  let stateDirectory: string;

  async function start(options: Partial<DevIssuerOptions> = {}): Promise<DevIssuer> {
    const issuer = await startDevIssuer({ ...OPTIONS, ...options });
    running.push(issuer);
    return issuer;
  }

  beforeEach(async () => {
    stateDirectory = join(await mkdtemp(join(tmpdir(), 'dev-issuer-')), 'state');
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((issuer) => issuer.close()));
    await rm(join(stateDirectory, '..'), { recursive: true });
  });

  it('prints nothing', async () => {
    const print = (['log', 'info', 'warn', 'error'] as const).map((level) => jest.spyOn(console, level));
    const client = await OAuthClient.register((await start()).resourceIssuer);
    const { refresh_token: token } = await client.obtainTokens({ scope: 'offline_access openid' });
    await client.refresh(token);
    await client.revoke(token);
    print.forEach((spy) => expect(spy).not.toHaveBeenCalled());
  });

  it('rejects if the port is in use', async () => {
    const port = Number(new URL((await start()).url).port);
    await expect(start({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('replaces its keys', async () => {
    const issuer = await start();
    const token = await issuer.signAccessToken({});
    await verify(token, issuer);
    await issuer.rotateKeys();
    await expect(verify(token, issuer)).rejects.toThrow('no applicable key');
    await verify(await issuer.signAccessToken({}), issuer);
  });

  it('signs with a given key, unless one is stored', async () => {
    const signingKey = await generateSigningKey();
    const keyIdOf = async (options: Partial<DevIssuerOptions>): Promise<string | undefined> =>
      decodeProtectedHeader(await (await start(options)).signAccessToken({})).kid;
    expect(await keyIdOf({ signingKey })).toBe(signingKey.kid);
    const stored = await keyIdOf({ stateDirectory });
    expect(await keyIdOf({ stateDirectory, signingKey })).toBe(stored);
  });

  it('stops and restarts on the same port', async () => {
    const issuer = await start();
    const client = await OAuthClient.register(issuer.resourceIssuer);
    await issuer.goDown();
    await expect(fetch(`${issuer.url}/keys`)).rejects.toThrow('fetch failed');
    await issuer.comeBack();
    expect(await client.obtainTokens()).toMatchObject({ status: 200 });
  });

  it("switches between Scalekit's two issuers", async () => {
    const issuer = await start({ tokenIssuer: 'resource' });
    const client = await OAuthClient.register(issuer.resourceIssuer);
    const tokenIssuer = async () => decodeJwt((await client.obtainTokens()).access_token ?? '').iss;
    expect(await tokenIssuer()).toBe(issuer.resourceIssuer);
    issuer.setTokenIssuer('environment');
    expect(await tokenIssuer()).toBe(issuer.url);
    expect(decodeJwt(await issuer.signAccessToken({})).iss).toBe(issuer.url);
  });

  it('signs tokens directly, with overrides', async () => {
    const issuer = await start();
    const token = await issuer.signAccessToken({
      user: 'bob',
      expiresInSeconds: 60,
      claims: { oid: undefined, org_id: 'org_globex' },
      header: { kid: undefined, typ: 'at+jwt' },
    });
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({ sub: 'usr_100000000000000002', scope: 'usr:read', org_id: 'org_globex' });
    expect(claims).not.toHaveProperty('oid');
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(60);
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'RS256', typ: 'at+jwt' });
  });

  it('keeps its key and registered clients across restarts, readable only by the owner', async () => {
    const first = await start({ stateDirectory });
    const { clientId } = await OAuthClient.register(first.resourceIssuer);
    const token = await first.signAccessToken({});
    await first.close();

    const second = await start({ stateDirectory, port: Number(new URL(first.url).port) });
    await verify(token, second);
    expect(await new OAuthClient(second.resourceIssuer, clientId).obtainTokens()).toMatchObject({
      status: 200,
    });

    const modes = await Promise.all(
      ['.', ...(await readdir(stateDirectory))].map(
        async (name) => (await stat(join(stateDirectory, name))).mode,
      ),
    );
    expect(modes.map((mode) => (mode & 0o777).toString(8))).toEqual(['700', '600', '600']);
  });

  it('accepts tokens that several processes signed before its start', async () => {
    const issuerPort = Number(new URL((await start()).url).port);
    await running[0]?.close();
    const request = { ...OPTIONS, stateDirectory, issuerPort, scope: 'usr:read', expiresInSeconds: 60 };
    const tokens = await Promise.all(
      ['alice', 'bob', 'carol'].map((user) => signStoredKeyToken({ ...request, user })),
    );
    const issuer = await start({ stateDirectory, port: issuerPort });
    const subjects = await Promise.all(tokens.map(async (token) => (await verify(token, issuer)).sub));
    expect(new Set(subjects).size).toBe(3);
  });

  it('signs no token for an unknown user or a scope that the user may not have', async () => {
    const request = { ...OPTIONS, stateDirectory, issuerPort: 9000, expiresInSeconds: 60 };
    await expect(signStoredKeyToken({ ...request, user: 'mallory', scope: '' })).rejects.toThrow(
      'Unknown demo user "mallory". Use one of alice, bob, carol.',
    );
    await expect(signStoredKeyToken({ ...request, user: 'bob', scope: 'usr:read admin' })).rejects.toThrow(
      'bob may not have admin: Bob may have every scope except admin.',
    );
  });
});

async function verify(token: string, issuer: DevIssuer): Promise<JWTPayload> {
  const keys = (await (await fetch(`${issuer.url}/keys`)).json()) as JSONWebKeySet;
  const options = { issuer: issuer.url, audience: OPTIONS.resourceUrl };
  return (await jwtVerify(token, createLocalJWKSet(keys), options)).payload;
}
