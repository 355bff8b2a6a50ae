import { once } from 'node:events';
import { createServer, type Server } from 'node:http';

import type { Aerie } from './support/aerie.js';
import { claimsFor, forge, OwnKey, startWithOwnKeys } from './support/own-keys.js';
import { freePort } from './support/ports.js';
import { message, post } from './support/rpc.js';
import { until } from './support/until.js';

const LIST = message({ method: 'tools/list' });

/** Server that publishes keys. */
class KeySetServer {
  keys: object[] = [];
  requests = 0;
  /** URL to which it redirects requests. */
  movedTo: string | undefined;
  #server: Server | undefined;

  private constructor(readonly port: number) {}

  static async start(...keys: object[]): Promise<KeySetServer> {
    const server = new KeySetServer(await freePort());
    server.keys = keys;
    await server.comeBack();
    return server;
  }

  get uri(): string {
    return `http://localhost:${this.port}/jwks.json`;
  }

  async comeBack(): Promise<void> {
    this.#server = createServer((_request, response) => {
      this.requests++;
      if (this.movedTo) response.writeHead(302, { location: this.movedTo });
      else response.setHeader('content-type', 'application/jwk-set+json');
      response.end(JSON.stringify({ keys: this.keys }));
    }).listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  goDown(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }
}

describe('a fetched key set', () => {
  const [one, two] = [new OwnKey(), new OwnKey('P-256')];
  let keySet: KeySetServer;
  let aerie: Aerie;
  const start = async (environment: NodeJS.ProcessEnv = {}): Promise<void> => {
    aerie = await startWithOwnKeys({ JWT_JWKS_URI: keySet.uri, ...environment });
  };
  beforeEach(async () => {
    keySet = await KeySetServer.start(one.jwk({ kid: 'k1', use: 'sig', alg: 'RS256' }));
  });
  afterEach(async () => {
    keySet.goDown();
    await aerie.close();
  });

  const status = async (token: string): Promise<number> => (await post(aerie.url, token, LIST)).status;
  const token = (key: OwnKey, kid?: string, claims = {}): Promise<string> =>
    key.sign(claimsFor(aerie, claims), { kid });
  const readiness = async (): Promise<unknown> => {
    const response = await fetch(`${aerie.origin}/health/ready`);
    const { details } = (await response.json()) as { details: Record<string, object> };
    return [response.status, details['jwtSigningKeys'], details['signingKeys']];
  };

  it('is fetched once, and again for an unknown key', async () => {
    await start();
    expect(await status(await token(one, 'k1'))).toBe(200);
    expect(await status(await token(one))).toBe(200);
    expect(keySet.requests).toBe(1);
    keySet.keys = [two.jwk({ kid: 'k2' })];
    expect(await status(await token(two, 'k2'))).toBe(200);
    expect(keySet.requests).toBe(2);
    expect(await readiness()).toEqual([
      200,
      { status: 'up', ageSeconds: expect.any(Number), keyIds: ['k2'], issuerReachable: true },
      undefined,
    ]);
  });

  it.each([undefined, 'unpublished'])(
    'without ids is fetched again for a signature of none of its keys, once in a while, with the kid %s',
    async (kid) => {
      const [before, after] = [new OwnKey(), new OwnKey()];
      keySet.keys = [before.jwk()];
      await start();
      expect(await status(await token(before, kid))).toBe(200);
      keySet.keys = [after.jwk()];
      expect(await status(await token(after, kid))).toBe(200);
      expect(await status(await token(before, kid))).toBe(401);
      for (let count = 0; count < 5; count++) expect(await status(await token(new OwnKey(), kid))).toBe(401);
      expect(keySet.requests).toBe(2);
      keySet.goDown();
      expect(await status(await token(new OwnKey(), kid))).toBe(401);
    },
  );

  it('invalidates cached tokens of removed keys', async () => {
    await start({ SIGNING_KEYS_MAX_AGE: '300ms' });
    const old = await token(one, 'k1');
    expect(await status(old)).toBe(200);
    keySet.keys = [two.jwk({ kid: 'k2' })];
    await until(async () => (await status(old)) === 401);
  });

  it('is fetched once for any number of unknown keys', async () => {
    await start();
    expect(await status(await token(one, 'k1'))).toBe(200);
    const forged = await Promise.all(Array.from({ length: 50 }, (_, index) => token(two, `k_${index}`)));
    expect(new Set(await Promise.all(forged.map(status)))).toEqual(new Set([401]));
    expect(keySet.requests).toBe(2);
  });

  it('down at startup: returns 503 with Retry-After, is not ready, and recovers by itself', async () => {
    keySet.goDown();
    await start({ SIGNING_KEYS_COOLDOWN: '200ms' });
    const response = await post(aerie.url, await token(one, 'k1'), LIST);
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await readiness()).toEqual([503, { status: 'down', issuerReachable: false }, undefined]);
    for (const bad of [
      'junk',
      forge({ alg: 'none' }, claimsFor(aerie)),
      await token(one, 'k1', { iss: 'x' }),
    ]) {
      expect(await status(bad)).toBe(401);
    }
    await keySet.comeBack();
    await until(async () => (await status(await token(one, 'k1'))) === 200);
  });

  it('down later: cached keys keep working', async () => {
    await start({ SIGNING_KEYS_MAX_AGE: '200ms', SIGNING_KEYS_COOLDOWN: '100ms' });
    expect(await status(await token(one, 'k1'))).toBe(200);
    keySet.goDown();
    await until(async () => {
      const [, keys] = (await readiness()) as [number, { issuerReachable: boolean }];
      return !keys.issuerReachable;
    });
    expect(await status(await token(one, 'k1', { jti: 'new' }))).toBe(200);
    expect(await status(await token(two, 'k2'))).toBe(503);
  });

  it('is not fetched from a redirect', async () => {
    const elsewhere = await KeySetServer.start(two.jwk({ kid: 'k2' }));
    keySet.movedTo = elsewhere.uri;
    try {
      await start();
      expect(await status(await token(two, 'k2'))).toBe(503);
      expect(elsewhere.requests).toBe(0);
    } finally {
      elsewhere.goDown();
    }
  });

  it('is rejected without a usable key', async () => {
    keySet.keys = [one.jwk({ kid: 'k1', use: 'enc' })];
    await start();
    expect(await status(await token(one, 'k1'))).toBe(503);
    expect(await readiness()).toEqual([503, { status: 'down', issuerReachable: false }, undefined]);
  });

  it('ignores private, symmetric and weak keys, and keys for other purposes', async () => {
    const secret = Buffer.from(one.pem).toString('base64url');
    keySet.keys = [
      { kty: 'oct', k: secret, kid: 'oct', alg: 'HS256' },
      two.jwk({ kid: 'enc', use: 'enc' }),
      two.jwk({ kid: 'private', d: 'x' }),
      one.jwk({ kid: 'k1' }),
    ];
    await start();
    expect(await status(await token(one, 'k1'))).toBe(200);
    expect(await status(await token(two, 'enc'))).toBe(401);
    expect(await status(await token(two, 'private'))).toBe(401);
    expect(await status(forge({ alg: 'HS256', kid: 'oct' }, claimsFor(aerie), one.pem))).toBe(401);
  });
});
