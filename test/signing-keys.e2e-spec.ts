import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

import { ScalekitClient } from '@scalekit-sdk/node';

import type { EndedRequest } from '../src/observation/observer.js';
import { type Aerie, startAerie, type AerieOptions } from './support/aerie.js';
import { freePort } from './support/ports.js';
import { message, post } from './support/rpc.js';
import { until } from './support/until.js';

const LIST = message({ method: 'tools/list' });
/** Short durations for tests. */
const QUICK = { SIGNING_KEYS_MAX_AGE: '400ms', SIGNING_KEYS_COOLDOWN: '200ms' };

describe('signing keys', () => {
  const started: Aerie[] = [];
  const impostors: Server[] = [];
  const start = async (options?: AerieOptions): Promise<Aerie> => {
    const aerie = await startAerie(options);
    started.push(aerie);
    return aerie;
  };
  afterEach(async () => {
    await Promise.all(started.splice(0).map((aerie) => aerie.close()));
    for (const server of impostors.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  const status = async (aerie: Aerie, token: string): Promise<number> =>
    (await post(aerie.url, token, LIST)).status;
  const keyRequests = (aerie: Aerie): number =>
    aerie.issuer.requests.filter((request) => request === 'GET /keys').length;
  const readiness = async (aerie: Aerie): Promise<{ status: number; keys: Record<string, unknown> }> => {
    const response = await fetch(`${aerie.origin}/health/ready`);
    const { details } = (await response.json()) as { details: { signingKeys: Record<string, unknown> } };
    return { status: response.status, keys: details.signingKeys };
  };

  /** Proxy between the server and the issuer's keys: counts, delays and replaces responses. */
  async function impostor(): Promise<{
    url: string;
    serving: string;
    delay: number;
    gate: Promise<void>;
    requests: number;
    movedTo: string;
  }> {
    const port = await freePort();
    const state = {
      url: `http://localhost:${port}`,
      serving: '',
      delay: 0,
      gate: Promise.resolve(),
      requests: 0,
      movedTo: '',
    };
    const server = createServer((_request, response) => {
      state.requests++;
      if (state.movedTo !== '') response.writeHead(302, { location: state.movedTo });
      else response.setHeader('content-type', 'application/json');
      // A timer that outlives the test would keep the memory of the application.
      const ended = new AbortController();
      response.once('close', () => ended.abort());
      void state.gate
        .then(() => pause(state.delay, undefined, { signal: ended.signal }))
        .then(
          () => response.end(state.serving),
          () => undefined, // the server is closed
        );
    }).listen(port, '127.0.0.1');
    await once(server, 'listening');
    impostors.push(server);
    return state;
  }

  it('are fetched once for 100 requests at a cold start', async () => {
    const keys = await impostor();
    let open = (): void => {};
    keys.gate = new Promise((resolve) => {
      open = resolve;
    });
    const aerie = await start({ environment: { SK_ENV_URL: keys.url } });
    keys.serving = await (await fetch(`${aerie.issuer.url}/keys`)).text();
    const tokens = await Promise.all(
      Array.from({ length: 100 }, (_, index) => aerie.token({ claims: { jti: `${index}`, iss: keys.url } })),
    );
    expect(await readiness(aerie)).toMatchObject({ status: 503 }); // still cold
    const asked = tokens.map((token) => status(aerie, token));
    setTimeout(open, 100);
    const answers = await Promise.all(asked);
    expect(answers).toEqual(answers.map(() => 200));
    expect(keys.requests).toBe(1);
  });

  it('are not fetched from a redirect', async () => {
    const elsewhere = await impostor();
    const keys = await impostor();
    keys.movedTo = `${elsewhere.url}/keys`;
    const aerie = await start({ environment: { SK_ENV_URL: keys.url } });
    elsewhere.serving = await (await fetch(`${aerie.issuer.url}/keys`)).text();
    expect(await status(aerie, await aerie.token({ claims: { iss: keys.url } }))).toBe(503);
    expect(elsewhere.requests).toBe(0);
  });

  it('are fetched again after an incomplete response', async () => {
    const keys = await impostor();
    keys.delay = 60_000;
    const aerie = await start({ environment: { SK_ENV_URL: keys.url, SIGNING_KEYS_COOLDOWN: '200ms' } });
    const token = await aerie.token({ claims: { iss: keys.url } });
    expect(await status(aerie, token)).toBe(503);
    keys.delay = 0;
    keys.serving = await (await fetch(`${aerie.issuer.url}/keys`)).text();
    await until(async () => (await status(aerie, token)) === 200);
  });

  it('are fetched again when a token names a new key', async () => {
    const aerie = await start();
    expect(await status(aerie, await aerie.token())).toBe(200);
    await aerie.issuer.rotateKeys();
    expect(await status(aerie, await aerie.token())).toBe(200);
    expect(keyRequests(aerie)).toBe(2);
  });

  it('are fetched once per cooldown for any number of forged key ids', async () => {
    const aerie = await start();
    const token = await aerie.token();
    const [, payload, signature] = token.split('.');
    const forged = Array.from({ length: 300 }, (_, index) => {
      const header = Buffer.from(JSON.stringify({ alg: 'RS256', kid: `snk_${index}` })).toString('base64url');
      return `${header}.${payload}.${signature}`;
    });
    const answers = await Promise.all(forged.map((text) => status(aerie, text)));
    expect(new Set(answers)).toEqual(new Set([401]));
    expect(keyRequests(aerie)).toBe(2);
    expect(await status(aerie, token)).toBe(200);
  });

  it('are rejected after the maximum age if the issuer has removed them', async () => {
    const aerie = await start({ environment: QUICK });
    const old = await aerie.token();
    expect(await status(aerie, old)).toBe(200);
    await aerie.issuer.rotateKeys();
    await until(async () => (await status(aerie, old)) === 401);
    expect(await status(aerie, await aerie.token())).toBe(200);
  });

  it('missing at startup: returns 503 with Retry-After, is not ready, and recovers by itself', async () => {
    const refusals: Pick<EndedRequest, 'path' | 'status' | 'reason'>[] = [];
    const end = ({ path, status: code, reason }: EndedRequest): void => {
      if (code >= 400) refusals.push({ path, status: code, reason });
    };
    const aerie = await start({
      issuerDown: true,
      observers: [{ request: () => ({ end }) }],
      environment: { SIGNING_KEYS_COOLDOWN: '200ms' },
    });
    const token = await aerie.token();
    const response = await post(aerie.url, token, LIST);
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await response.json()).toMatchObject({ error: 'temporarily_unavailable' });
    expect(await readiness(aerie)).toMatchObject({ status: 503, keys: { issuerReachable: false } });
    expect((await fetch(`${aerie.origin}/health`)).status).toBe(200);
    expect(refusals).toEqual([
      { path: '/mcp', status: 503, reason: 'issuer_unreachable' },
      { path: '/health/ready', status: 503, reason: undefined }, // an answer, and nothing for an auditor
    ]);

    await aerie.issuer.comeBack();
    await until(async () => (await readiness(aerie)).status === 200);
    expect(await status(aerie, token)).toBe(200);
  });

  it('missing: still returns 401 for an invalid token, without another fetch', async () => {
    const keys = await impostor();
    keys.serving = 'down for maintenance';
    const aerie = await start({ environment: { SK_ENV_URL: keys.url } });
    await until(async () => keys.requests === 1);
    for (let attempt = 0; attempt < 20; attempt++) expect(await status(aerie, 'invalid-token')).toBe(401);
    const token = await aerie.token({ claims: { iss: keys.url } });
    for (let attempt = 0; attempt < 20; attempt++) expect(await status(aerie, token)).toBe(503);
    expect(keys.requests).toBe(1);
  });

  it('keep working while the issuer is down', async () => {
    const aerie = await start({ environment: QUICK });
    expect(await status(aerie, await aerie.token())).toBe(200);
    await aerie.issuer.goDown();
    await until(async () => (await readiness(aerie)).keys['issuerReachable'] === false);
    expect(await readiness(aerie)).toMatchObject({ status: 200 });
    expect(await status(aerie, await aerie.token({ claims: { jti: 'tkn_new' } }))).toBe(200);
  });

  it('expire if the issuer is down for too long', async () => {
    const aerie = await start({ environment: { ...QUICK, SIGNING_KEYS_MAX_STALE: '700ms' } });
    await until(async () => (await readiness(aerie)).status === 200);
    await aerie.issuer.goDown();
    await until(async () => (await status(aerie, await aerie.token())) === 503);
    await aerie.issuer.comeBack();
    await until(async () => (await status(aerie, await aerie.token())) === 200);
  });

  it.each([
    ['a page', '<html>maintenance</html>'],
    ['an empty key set', '{"keys":[]}'],
  ])('are fetched again after %s in their place, which causes a 503', async (_what, body) => {
    const keys = await impostor();
    keys.serving = body;
    const aerie = await start({ environment: { SK_ENV_URL: keys.url, SIGNING_KEYS_COOLDOWN: '200ms' } });
    const token = await aerie.token({ claims: { iss: keys.url } });
    expect(await status(aerie, token)).toBe(503);
    keys.serving = await (await fetch(`${aerie.issuer.url}/keys`)).text();
    await until(async () => (await status(aerie, token)) === 200);
  });

  it('replaces a client that breaks later', async () => {
    const aerie = await start();
    await until(async () => (await readiness(aerie)).status === 200);
    jest.spyOn(ScalekitClient.prototype, 'validateToken').mockRejectedValueOnce(new TypeError('keys.map'));
    expect(await status(aerie, await aerie.token())).toBe(503);
    expect(await status(aerie, await aerie.token())).toBe(200);
    expect(keyRequests(aerie)).toBe(2);
  });
});
