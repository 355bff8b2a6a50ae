import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startAudit } from '../src/audit/start-audit.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { runCommand } from './support/run-command.js';
import { claimsFor, OwnKey, startWithOwnKeys } from './support/own-keys.js';
import { startRedis } from './support/redis.js';
import { message, post } from './support/rpc.js';
import { until } from './support/until.js';

/** Details that would help an attacker: names, versions, counts, ages. */
const DETAILS = /version|catalog|keyIds|revo|redis|database|Seconds/i;

interface Readiness {
  readonly status: number;
  readonly body: unknown;
}

async function readiness({ origin }: Pick<Aerie, 'origin'>, token?: string): Promise<Readiness> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${origin}/health/ready`, { headers });
  expect(response.headers.get('cache-control')).toContain('no-store');
  return { status: response.status, body: await response.json() };
}

/** Waits until the signing keys are loaded, which the server does not wait for at startup. */
const loaded = (aerie: Aerie): Promise<void> =>
  until(async () => (await fetch(`${aerie.origin}/health/ready`)).ok);

describe('the details of readiness', () => {
  const key = new OwnKey();
  /** Uses own keys, because production accepts no issuer over plain HTTP. */
  const production = {
    NODE_ENV: 'production',
    JWT_PUBLIC_KEY: key.pem,
    RESOURCE_URL: 'https://mcp.example.com/mcp',
    ALLOWED_HOSTS: 'localhost',
    SHUTDOWN_DELAY: '1ms',
  };
  const started: Aerie[] = [];
  const start = async (environment: NodeJS.ProcessEnv): Promise<Aerie> => {
    const aerie = await startWithOwnKeys(environment);
    started.push(aerie);
    return aerie;
  };
  afterAll(() => Promise.all(started.map((aerie) => aerie.close())));
  const token = (scope: string, claims: object = {}): Promise<string> =>
    key.sign(claimsFor({ url: production.RESOURCE_URL }, { scope, ...claims }));

  it('are hidden in production unless a scope is set', async () => {
    const aerie = await start(production);
    const summary = { status: 200, body: { status: 'ok' } };
    expect(await readiness(aerie)).toEqual(summary);
    expect(await readiness(aerie, await token('admin health'))).toEqual(summary);
  });

  it('are shown only to tokens with the configured scope, and other requests still get the status', async () => {
    const aerie = await start({ ...production, HEALTH_DETAILS_SCOPE: 'health' });
    const summary = { status: 200, body: { status: 'ok' } };
    expect(await readiness(aerie)).toEqual(summary);
    expect(await readiness(aerie, await token('admin'))).toEqual(summary);
    expect(await readiness(aerie, await token('health', { aud: 'other' }))).toEqual(summary);
    expect(await readiness(aerie, 'invalid-token')).toEqual(summary);
    expect(await readiness(aerie, await token('health'))).toEqual({
      status: 200,
      body: expect.objectContaining({ details: expect.objectContaining({ instance: expect.anything() }) }),
    });
  });

  it('are protected against token guessing, while the status needs no token', async () => {
    const environment = { HEALTH_DETAILS_SCOPE: 'health', RATE_LIMIT_INVALID_TOKENS: '3/min' };
    const aerie = await start({ ...production, ...environment });
    const statuses: number[] = [];
    for (let guess = 0; guess < 5; guess++) {
      const forged = (await token('health')).replace(/.{9}$/, `guessed-${guess}`);
      statuses.push((await readiness(aerie, forged)).status);
    }
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    expect((await post(aerie.url, 'not-a-token', message({ method: 'ping' }))).status).toBe(429);
    expect(await readiness(aerie)).toEqual({ status: 200, body: { status: 'ok' } });
    expect(JSON.stringify(await readiness(aerie, await token('health')))).toMatch(DETAILS);
  });

  it('are hidden from a revoked token', async () => {
    const aerie = await startAerie({ environment: { HEALTH_DETAILS_SCOPE: 'org:read' } });
    started.push(aerie);
    const own = await aerie.token();
    expect(JSON.stringify(await readiness(aerie, own))).toMatch(DETAILS);
    const parameters = ['--subject', 'usr_100000000000000001'];
    await runCommand('revoke', parameters, process.cwd(), { STATE_DIRECTORY: aerie.stateDirectory });
    for (const end = Date.now() + 5_000; Date.now() < end;) {
      if (!DETAILS.test(JSON.stringify(await readiness(aerie, own)))) break;
    }
    expect(await readiness(aerie, own)).toEqual({ status: 200, body: { status: 'ok' } });
  });

  it('need a token in development too if a scope is set', async () => {
    const aerie = await startAerie({ environment: { HEALTH_DETAILS_SCOPE: 'admin' } });
    started.push(aerie);
    await loaded(aerie);
    expect(await readiness(aerie)).toEqual({ status: 200, body: { status: 'ok' } });
    expect(JSON.stringify(await readiness(aerie, await aerie.token({ scope: 'admin' })))).toMatch(DETAILS);
  });

  it('are degraded while calls are refused because nothing records them', async () => {
    let refusesCalls = true;
    const aerie = await startAerie({
      observers: [
        {
          isAuditTrail: true,
          get refusesCalls() {
            return refusesCalls;
          },
        },
      ],
    });
    started.push(aerie);
    await loaded(aerie);
    expect(await readiness(aerie)).toMatchObject({
      status: 200,
      body: { status: 'degraded', details: { audit: { used: true, refusesCalls: true } } },
    });
    refusesCalls = false;
    const { body } = await readiness(aerie);
    expect(body).toMatchObject({ status: 'ok', details: { audit: { used: true } } });
  });

  it('say that an instance is not ready until a sink that refuses calls has taken a record', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'aerie-'));
    const directory = join(parent, 'audit');
    await writeFile(directory, ''); // in the way of the directory
    const sinks = [{ name: 'file', onFull: 'refuse' } as const];
    const log = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };
    const settings = { retention: undefined, databaseUrl: undefined, webhook: undefined, otlpUrl: undefined };
    const audit = await startAudit(
      { ...settings, sinks, directory, redact: [], digestKey: undefined },
      'test',
      log,
    );
    try {
      const aerie = await startAerie({ observers: [audit.observer] });
      started.push(aerie);
      expect(await readiness(aerie)).toMatchObject({
        status: 503,
        body: { status: 'error', details: { audit: { status: 'down', hasRecorded: false } } },
      });
      await rm(directory);
      await loaded(aerie);
      const { body } = await readiness(aerie);
      expect(body).toMatchObject({ status: 'ok', details: { audit: { status: 'up' } } });
    } finally {
      await audit.close();
      await rm(parent, { recursive: true });
    }
  });

  it('are hidden while the instance is degraded or not ready', async () => {
    const redis = await startRedis();
    const aerie = await startAerie({ environment: { REDIS_URL: redis.url, HEALTH_DETAILS_SCOPE: 'admin' } });
    try {
      await loaded(aerie);
      await redis.stop();
      expect(await readiness(aerie)).toEqual({ status: 200, body: { status: 'degraded' } });
    } finally {
      await redis.start();
      for (const end = Date.now() + 5_000; Date.now() < end;) {
        if (JSON.stringify(await readiness(aerie)).includes('"ok"')) break;
      }
      await aerie.close();
      await redis.stop();
    }
    const keyless = await start({
      ...production,
      JWT_PUBLIC_KEY: '',
      JWT_JWKS_URI: 'https://localhost:1/keys',
      HEALTH_DETAILS_SCOPE: 'health',
    });
    expect(await readiness(keyless)).toEqual({ status: 503, body: { status: 'error' } });
    expect(await readiness(keyless, await token('health'))).toEqual({
      status: 503,
      body: { status: 'error' },
    });
  });
});
