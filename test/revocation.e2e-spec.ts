import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Redis } from 'ioredis';

import { RevocationsService } from '../src/auth/revocation/revocations.service.js';
import { REDIS } from '../src/redis/redis.module.js';
import { type Aerie, type AerieOptions, startAerie } from './support/aerie.js';
import { runBuiltCommand } from './support/built-application.js';
import { type RedisServer, startRedis } from './support/redis.js';
import { message, post, toolCall } from './support/rpc.js';
import { type CommandResult, runCommand } from './support/run-command.js';
import { until } from './support/until.js';

const GREETING = message(toolCall('greet_user', { name: 'Saif' }));
const ALICE = 'usr_100000000000000001';
const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const running: Aerie[] = [];
async function start(options?: AerieOptions): Promise<Aerie> {
  const aerie = await startAerie(options);
  running.push(aerie);
  return aerie;
}
afterEach(async () => {
  for (const aerie of running.splice(0)) await aerie.close();
});

const statusOf = async (aerie: Aerie, token: string): Promise<number> =>
  (await post(aerie.url, token, GREETING)).status;

/** Measures the milliseconds until the server returns this status. */
async function answers(aerie: Aerie, token: string, status: number, within = 20_000): Promise<number> {
  const began = Date.now();
  for (;;) {
    if ((await statusOf(aerie, token)) === status) return Date.now() - began;
    if (Date.now() - began > within) throw new Error(`Not ${status} within ${within} ms.`);
    await wait(5);
  }
}

async function readiness({ origin }: Aerie): Promise<{ status: number; revocations: unknown }> {
  const response = await fetch(`${origin}/health/ready`);
  const { details } = (await response.json()) as { details: Record<string, unknown> };
  return { status: response.status, revocations: details['revocations'] };
}

/** Runs the command with the server's variables. */
const command = (environment: NodeJS.ProcessEnv, ...parameters: string[]): Promise<CommandResult> =>
  runCommand('revoke', parameters, process.cwd(), environment);

async function revoke(environment: NodeJS.ProcessEnv, ...parameters: string[]): Promise<string> {
  const { code, stdout, stderr } = await command(environment, ...parameters);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

/** Returns a time relative to now, in seconds since the epoch. */
const seconds = (offset = 0): number => Math.floor(Date.now() / 1000) + offset;

const beside = ({ stateDirectory }: Aerie): NodeJS.ProcessEnv => ({ STATE_DIRECTORY: stateDirectory });

describe('revocation in a file', () => {
  const fileOf = ({ stateDirectory }: Aerie): string => join(stateDirectory, 'revocations.json');

  it.each([
    ['token', '--token-id', 'tkn_stolen', { jti: 'tkn_stolen' }, { jti: 'tkn_other' }],
    ['subject', '--subject', 'usr_left', { sub: 'usr_left' }, { sub: 'usr_stays' }],
    ['client', '--client', 'skc_bad', { client_id: 'skc_bad' }, { client_id: 'skc_good' }],
    ['organization', '--organization', 'org_gone', { oid: 'org_gone' }, { oid: 'org_here' }],
  ])('shuts out a %s, and nobody else, and lets it in again', async (_what, option, id, claims, others) => {
    const aerie = await start();
    const revoked = await aerie.token({ claims });
    const other = await aerie.token({ claims: others });
    expect([await statusOf(aerie, revoked), await statusOf(aerie, other)]).toEqual([200, 200]);

    expect(await revoke(beside(aerie), option, id)).toContain(`Revoked: `);
    // Both tokens are cached by now and must be rejected nevertheless.
    expect(await answers(aerie, revoked, 401)).toBeLessThan(1_000);
    expect(await statusOf(aerie, other)).toBe(200);

    expect(await revoke(beside(aerie), '--undo', option, id)).toContain('Undone: ');
    await answers(aerie, revoked, 200);
  });

  it('returns invalid_token with a challenge, and never logs the token', async () => {
    const aerie = await start();
    const token = await aerie.token();
    await revoke(beside(aerie), '--subject', ALICE);
    await answers(aerie, token, 401);
    const response = await post(aerie.url, token, GREETING);
    expect(response.status).toBe(401);
    const challenge = response.headers.get('www-authenticate') ?? '';
    expect(challenge).toContain('error="invalid_token"');
    expect(challenge).toContain('error_description="The access token has been revoked."');
    expect(challenge).toContain('resource_metadata="');
    expect(await response.json()).toEqual({
      error: 'invalid_token',
      error_description: 'The access token has been revoked.',
    });
    expect(aerie.logs.join('\n')).not.toContain(token.split('.')[2]);
  });

  it('accepts newer tokens unless --for rejects them too', async () => {
    const aerie = await start();
    const older = await aerie.token();
    await revoke(beside(aerie), '--subject', ALICE, '--clock-margin', '0s');
    await answers(aerie, older, 401);
    const newer = await aerie.token({ claims: { iat: seconds(1), nbf: seconds() } });
    expect(await statusOf(aerie, newer)).toBe(200);

    const barring = ['--subject', ALICE, '--for', '4s', '--clock-margin', '0s'];
    const output = await revoke(beside(aerie), ...barring);
    expect(output).toContain('are rejected until');
    await answers(aerie, newer, 401);
    // Issued after the revocation, but before --for has passed.
    const newest = await aerie.token({ claims: { iat: seconds(60), nbf: seconds() } });
    expect(await statusOf(aerie, newest)).toBe(401);
    await answers(aerie, newest, 200, 6_000);
    expect(await statusOf(aerie, older)).toBe(401);
  });

  it('rejects a token of an issuer whose clock is 30 s ahead', async () => {
    const aerie = await start();
    const token = await aerie.token({ claims: { iat: seconds(30), nbf: seconds() } });
    expect(await statusOf(aerie, token)).toBe(200);
    await revoke(beside(aerie), '--subject', ALICE);
    await answers(aerie, token, 401);
    const later = await aerie.token({ claims: { iat: seconds(62), nbf: seconds() } });
    expect(await statusOf(aerie, later)).toBe(200);
  });

  it('rejects a token of the same second', async () => {
    const aerie = await start();
    await revoke(beside(aerie), '--subject', ALICE, '--clock-margin', '0s');
    const { revocations } = JSON.parse(readFileSync(fileOf(aerie), 'utf8')) as {
      revocations: { revokedAt: number }[];
    };
    const second = Math.floor((revocations[0]?.revokedAt ?? 0) / 1000);
    await answers(aerie, await aerie.token({ claims: { iat: second, nbf: second } }), 401);
    const next = await aerie.token({ claims: { iat: second + 1, nbf: second } });
    expect(await statusOf(aerie, next)).toBe(200);
  });

  it('lists revocations, and stores them in a file that only its owner can read', async () => {
    const aerie = await start();
    expect(await revoke(beside(aerie), '--list')).toBe('Nothing is revoked.\n');
    await revoke(beside(aerie), '--client', 'skc_bad');
    await revoke(beside(aerie), '--organization', 'org_gone', '--for', '1h');
    const listed = await revoke(beside(aerie), '--list');
    expect(listed).toMatch(/^- every token of the client "skc_bad" .* accepted\. Revoked by ".+"\.$/m);
    expect(listed).toMatch(/^- every token of the organization "org_gone" .* later are rejected until/m);
    expect(statSync(fileOf(aerie)).mode & 0o777).toBe(0o600);
    await wait(600);
    expect(await readiness(aerie)).toEqual({
      status: 200,
      revocations: { status: 'up', current: true, entries: 2, source: 'file' },
    });
  });

  it('survives a restart', async () => {
    const first = await start();
    await revoke(beside(first), '--subject', ALICE);
    const second = await start({ environment: { STATE_DIRECTORY: first.stateDirectory } });
    expect(await statusOf(second, await second.token({ claims: { iat: seconds(-5) } }))).toBe(401);
  });

  it('rejects all calls while the file is corrupt, and recovers when it is repaired', async () => {
    const corrupt = await start();
    const file = fileOf(corrupt);
    await revoke(beside(corrupt), '--subject', ALICE);
    const good = readFileSync(fileOf(corrupt), 'utf8');
    writeFileSync(file, good.slice(0, 40));

    const aerie = await start({ environment: { STATE_DIRECTORY: corrupt.stateDirectory } });
    const token = await aerie.token({ claims: { iat: seconds(-5) } });
    expect(await readiness(aerie)).toEqual({
      status: 503,
      revocations: { status: 'down', current: false, source: 'file' },
    });
    const response = await post(aerie.url, token, GREETING);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toMatchObject({ error: 'temporarily_unavailable' });
    expect(aerie.logs.join('\n')).toMatch(/revocations\.json cannot be loaded: .* not a revocation list/);
    // The command does not treat the file as an empty list either.
    const { code, stderr } = await command(beside(corrupt), '--client', 'skc_1');
    expect([code, stderr]).toEqual([1, expect.stringContaining('not a revocation list')]);

    writeFileSync(file, good);
    await answers(aerie, token, 401);
    expect((await readiness(aerie)).status).toBe(200);
  });

  it('explains its use after invalid arguments', async () => {
    for (const parameters of [[], ['--subject', 'a', '--for', 'ever'], ['--colour', 'red']]) {
      const { code, stdout, stderr } = await command({}, ...parameters);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain('revoke --help');
    }
    const aerie = await start();
    const { code, stderr } = await command(beside(aerie), '--undo', '--subject', 'nobody');
    expect([code, stderr]).toEqual([1, expect.stringContaining('Nothing to undo')]);
  });
});

describe('required claims for revocation', () => {
  it.each([
    ['no time of issue', { iat: undefined }, 'The access token has no issue time.'],
    ['a time of issue to come', { iat: seconds(600), exp: seconds(1_200) }, 'issued in the future'],
    [
      'a life of more than MAX_TOKEN_LIFETIME',
      { exp: seconds(7_200) },
      'lifetime of the access token exceeds',
    ],
  ])('refuses one with %s', async (_what, claims, description) => {
    const aerie = await start({ environment: { MAX_TOKEN_LIFETIME: '1h' } });
    const response = await post(aerie.url, await aerie.token({ claims }), GREETING);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({
      error: 'invalid_token',
      error_description: expect.stringContaining(description) as string,
    });
    const longest = { iat: seconds(), exp: seconds() + 3_600 };
    expect(await statusOf(aerie, await aerie.token({ claims: longest }))).toBe(200);
  });
});

describe('revocation in Redis', () => {
  let redis: RedisServer;
  let environment: NodeJS.ProcessEnv;
  beforeEach(async () => {
    redis = await startRedis();
    environment = { REDIS_URL: redis.url };
  });
  afterEach(() => redis.stop());

  const startTwo = (): Promise<Aerie[]> => Promise.all([start({ environment }), start({ environment })]);
  const tokensFor = (instances: Aerie[]): Promise<[Aerie, string][]> =>
    Promise.all(instances.map(async (aerie): Promise<[Aerie, string]> => [aerie, await aerie.token()]));

  it('takes effect and can be undone on every instance within a second', async () => {
    const callers = await tokensFor(await startTwo());
    for (const [aerie, token] of callers) expect(await statusOf(aerie, token)).toBe(200);

    const before = Date.now();
    // Watched from before the command, because its own end takes a part of a second too.
    const refused = Promise.all(
      callers.map(async ([aerie, token]) => {
        await answers(aerie, token, 401, 20_000);
        return Date.now();
      }),
    );
    const { stdout: output } = await runBuiltCommand(
      'revoke',
      ['--subject', ALICE, '--clock-margin', '0s'],
      process.cwd(),
      environment,
    );
    const revokedAt = Date.parse(/issued up to (\S+) is/.exec(output)?.[1] ?? '');
    expect(revokedAt).toBeGreaterThanOrEqual(before);
    expect(Math.max(...(await refused)) - revokedAt).toBeLessThan(1_000);
    for (const [aerie] of callers) {
      expect(await readiness(aerie)).toEqual({
        status: 200,
        revocations: { status: 'up', current: true, entries: 1, source: 'redis' },
      });
    }
    expect(await revoke(environment, '--list')).toContain(ALICE);

    await revoke(environment, '--undo', '--subject', ALICE);
    await Promise.all(callers.map(([aerie, token]) => answers(aerie, token, 200)));
  });

  it('warns of revocations in a file that Redis lacks, until they are revoked again', async () => {
    const alone = await start();
    await revoke(beside(alone), '--subject', ALICE);
    const warnings = (aerie: Aerie): string[] => aerie.logs.filter((line) => line.includes('Redis lacks'));
    const moved = { ...environment, ...beside(alone) };
    const before = warnings(alone).length;
    const aerie = await start({ environment: moved });
    expect(warnings(aerie).slice(before)).toEqual([
      expect.stringMatching(/revocations\.json has revocations that Redis lacks \(1\)/),
    ]);
    await revoke(moved, '--subject', ALICE);
    await start({ environment: moved });
    expect(warnings(aerie)).toHaveLength(before + 1);
  });

  it('compares the file only once Redis answers', async () => {
    const alone = await start();
    const moved = { ...environment, ...beside(alone) };
    for (const subject of [ALICE, 'usr_left']) await revoke(beside(alone), '--subject', subject);
    await revoke(moved, '--subject', ALICE);
    const pid = redis.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    try {
      const aerie = await start({ environment: moved });
      const warnings = (): string[] => aerie.logs.filter((line) => line.includes(`${alone.stateDirectory}/`));
      expect(warnings()).toEqual([]);
      process.kill(pid, 'SIGCONT');
      await until(() => warnings().length > 0);
      expect(warnings()).toEqual([expect.stringMatching(/has revocations that Redis lacks \(1\)/)]);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  it('rejects a revoked token at an instance that starts after Redis has lost the list', async () => {
    const [first] = await startTwo();
    if (!first) throw new Error('Nothing has started.');
    const token = await first.token();
    await revoke(environment, '--subject', ALICE);
    await answers(first, token, 401);
    await first.application.get<Redis>(REDIS).flushall();
    const began = Date.now();
    const late = await start({ environment });
    expect(await statusOf(late, await late.token())).toBe(401);
    expect(Date.now() - began).toBeLessThan(5_000); // sooner than the other instances look by themselves
    expect(await revoke(environment, '--list')).toContain(ALICE);
  });

  it('rejects a revoked token at an instance that starts with a Redis that has lost the list', async () => {
    const [first] = await startTwo();
    if (!first) throw new Error('Nothing has started.');
    const token = await first.token();
    await revoke(environment, '--subject', ALICE);
    await answers(first, token, 401);
    await redis.stop();
    await until(() => first.application.get<Redis>(REDIS).status === 'reconnecting');
    // Until the next attempts of the other instances, a second may pass.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await redis.start();
    const late = await start({ environment });
    expect(await statusOf(late, await late.token())).toBe(401);
    expect(await revoke(environment, '--list')).toContain(ALICE);
  });

  it('revokes in memory while Redis is full, also at an instance that starts meanwhile', async () => {
    const [first] = await startTwo();
    if (!first) throw new Error('Nothing has started.');
    const client = first.application.get<Redis>(REDIS);
    const token = await first.token();
    expect(await statusOf(first, token)).toBe(200);
    await client.config('SET', 'maxmemory', '1');
    const output = await revoke(environment, '--subject', ALICE);
    expect(output).toMatch(
      /^Revoked, but not stored: .*\nRedis is full\. The running server processes \(2\)/,
    );
    expect(output).toContain('Raise its maxmemory');
    await answers(first, token, 401);
    const late = await start({ environment });
    expect(await statusOf(late, await late.token())).toBe(401);

    const undone = await command(environment, '--undo', '--subject', ALICE);
    expect([undone.code, undone.stderr]).toEqual([1, expect.stringContaining('Nothing to undo')]);
    await client.config('SET', 'maxmemory', '0');
    await first.application.get(RevocationsService).reload();
    expect(await revoke(environment, '--list')).toContain(ALICE);
    expect(await statusOf(first, token)).toBe(401);
  });

  it('says that Redis is full, and what to do, if no server runs', async () => {
    const client = new Redis(redis.url);
    await client.config('SET', 'maxmemory', '1');
    client.disconnect();
    const { code, stderr } = await command(environment, '--subject', ALICE);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/Redis is full\. Nothing was revoked\. Raise its maxmemory.* Then try again/),
    ]);
    expect(stderr).not.toContain('script');
  });

  it('rejects all calls while Redis is down at startup, and recovers by itself', async () => {
    await redis.stop();
    const aerie = await start({ environment });
    const token = await aerie.token();
    expect(await readiness(aerie)).toEqual({
      status: 503,
      revocations: { status: 'down', current: false, source: 'redis' },
    });
    const response = await post(aerie.url, token, GREETING);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect((await post(aerie.url, 'nonsense', GREETING)).status).toBe(401);
    const { code, stderr } = await command(environment, '--list');
    expect([code, stderr]).toEqual([1, expect.stringContaining('Redis cannot be reached')]);

    await redis.start();
    await answers(aerie, token, 200, 5_000);
    expect((await readiness(aerie)).status).toBe(200);
  });

  it('keeps working while Redis is down later, and restores a list that Redis has lost', async () => {
    const callers = await tokensFor(await startTwo());
    await revoke(environment, '--subject', ALICE);
    await Promise.all(callers.map(([aerie, token]) => answers(aerie, token, 401)));

    await redis.stop();
    await wait(300);
    for (const [aerie, token] of callers) {
      expect(await statusOf(aerie, token)).toBe(401);
      const bob = await aerie.token({ user: 'bob' });
      expect(await statusOf(aerie, bob)).toBe(200);
      expect(await readiness(aerie)).toMatchObject({ status: 200, revocations: { entries: 1 } });
    }

    await redis.start();
    await wait(2_500);
    for (const [aerie, token] of callers) expect(await statusOf(aerie, token)).toBe(401);
    expect(await revoke(environment, '--list')).toContain(ALICE);

    // Notifications arrive again.
    const [[aerie]] = callers as [[Aerie, string]];
    const bob = await aerie.token({ user: 'bob' });
    await revoke(environment, '--organization', 'org_globex');
    await answers(aerie, bob, 401);
  });
});
