import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type INestApplication, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';

import { startAuditTrail } from '../src/audit/index.js';
import {
  AerieModule,
  fromEnvironment,
  McpTool,
  RevocationError,
  Revocations,
  type RevocationTarget,
  type RevokeOptions,
} from '../src/index.js';
import { AerieTest } from '../src/testing/index.js';
import { type RedisServer, startRedis } from './support/redis.js';
import { message, toolCall } from './support/rpc.js';
import { runCommand } from './support/run-command.js';
import { eventually } from './support/until.js';

@Injectable()
class InvoiceTools {
  constructor(readonly revocations: Revocations) {}

  @McpTool({ name: 'count', description: 'Counts invoices.', scopes: ['billing:read'] })
  count(): string {
    return '3';
  }
}

/** Module of the application, which does not import Aerie. */
@Module({ providers: [InvoiceTools], exports: [InvoiceTools] })
class BillingModule {}

@Module({})
class TeamModule {}

interface Instance {
  readonly kit: AerieTest;
  readonly revocations: Revocations;
  /** Returns the status of a call of this subject. */
  readonly status: (subject?: string) => Promise<number>;
  /** Closes the application and returns the events of its audit trail, other than of calls and of the chain. */
  readonly recorded: () => Promise<object[]>;
}

const running: AerieTest[] = [];
const directories: string[] = [];
afterEach(async () => {
  for (const kit of running.splice(0)) await kit.close();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** Starts an instance of an application that embeds Aerie with an audit trail. */
async function start(variables: Record<string, string> = {}): Promise<Instance> {
  const directory = mkdtempSync(join(tmpdir(), 'aerie-'));
  directories.push(directory);
  const settings = { ...variables, AUDIT: 'file:refuse', AUDIT_DIRECTORY: directory };
  let close = (): Promise<void> => Promise.resolve();
  const kit = await AerieTest.start<INestApplication>(async (needed) => {
    const configuration = fromEnvironment({ ...needed, ...settings });
    const trail = await startAuditTrail(configuration);
    close = () => trail.close();
    const aerie = await AerieModule.forRoot(configuration, { observers: [trail.observer] });
    return NestFactory.create({ module: TeamModule, imports: [BillingModule, aerie] }, { logger: false });
  });
  running.push(kit);
  return {
    kit,
    revocations: kit.application.get(InvoiceTools, { strict: false }).revocations,
    status: async (subject = 'alice') => {
      const token = await kit.token({ subject, organization: 'acme', scopes: ['billing:read'] });
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      };
      const body = JSON.stringify(message(toolCall('count')));
      const response = await kit.fetch(kit.url, { method: 'POST', headers, body });
      await response.text();
      return response.status;
    },
    recorded: async () => {
      if (running.includes(kit)) running.splice(running.indexOf(kit), 1);
      await kit.close();
      await close();
      const [file = ''] = readdirSync(directory).filter((name) => name.endsWith('.jsonl'));
      const lines = readFileSync(join(directory, file), 'utf8').trimEnd().split('\n');
      return lines
        .map((line): { event: string } => JSON.parse(line))
        .filter(({ event }) => event.startsWith('revocation.'));
    },
  };
}

const BY = 'webhook of the issuer';
const ALICE = { subject: 'alice', organization: 'acme' };

describe('Revocations in an application, with Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  beforeEach(async () => {
    const client = new Redis(redis.url);
    await client.config('SET', 'maxmemory', '0');
    await client.flushall();
    client.disconnect();
  });
  afterAll(() => redis.stop());

  it('ends and restores access at every instance within a second, and records who did it', async () => {
    const first = await start({ REDIS_URL: redis.url });
    const second = await start({ REDIS_URL: redis.url });
    expect(await second.status()).toBe(200);

    const result = await first.revocations.revoke(ALICE, { by: BY });
    expect(await first.status()).toBe(401);
    await eventually(() => second.status(), 401, 1_000);
    expect(result).toMatchObject({ storedIn: 'redis', revocation: { what: 'subject', id: 'alice', by: BY } });
    expect(await second.status('bob')).toBe(200);
    expect(await second.revocations.list()).toEqual([result.revocation]);

    await second.revocations.undo(ALICE, { by: 'ada' });
    expect(await second.status()).toBe(200);
    await eventually(() => first.status(), 200, 1_000);

    const fields = { subject: 'alice', organization: 'acme', outcome: 'success' };
    const added = { event: 'revocation.added', actor: BY, ...fields };
    expect(await first.recorded()).toMatchObject([added, { event: 'revocation.removed', ...fields }]);
    expect(await second.recorded()).toMatchObject([
      added,
      { event: 'revocation.removed', actor: 'ada', ...fields },
    ]);
  });

  it('has one list with the command', async () => {
    const instance = await start({ REDIS_URL: redis.url });
    const command = (...parameters: string[]): ReturnType<typeof runCommand> =>
      runCommand('revoke', parameters, process.cwd(), { REDIS_URL: redis.url });
    await instance.revocations.revoke({ client: 'skc_1' }, { by: BY, for: '1h', clockMargin: '0s' });
    expect((await command('--list')).stdout).toMatch(
      /client "skc_1".*later are rejected.*Revoked by "webhook/,
    );
    await command('--undo', '--client', 'skc_1');
    expect(await instance.revocations.list()).toEqual([]);
  });

  it('keeps a revocation in the running instances while Redis is full, and says so', async () => {
    const first = await start({ REDIS_URL: redis.url });
    const second = await start({ REDIS_URL: redis.url });
    const client = new Redis(redis.url);
    await client.config('SET', 'maxmemory', '1');
    client.disconnect();
    const { storedIn, message: text } = await first.revocations.revoke(ALICE, { by: BY });
    expect([storedIn, text]).toEqual(['memory', expect.stringMatching(/^Redis is full\. .*\(2\)/)]);
    await eventually(() => second.status(), 401, 1_000);
    await eventually(() => first.status(), 401, 1_000);
    await expect(first.revocations.undo({ subject: 'bob' }, { by: BY })).rejects.toMatchObject({
      code: 'unknown',
    });
  });

  it('rejects with what to do while Redis is down', async () => {
    const { revocations, recorded } = await start({ REDIS_URL: redis.url });
    await redis.stop();
    for (const attempt of [revocations.revoke(ALICE, { by: BY }), revocations.list()]) {
      await expect(attempt).rejects.toThrow(RevocationError);
      await expect(attempt).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringMatching(/^The revocation list in Redis cannot be .*Try again\.$/),
      });
    }
    expect(await recorded()).toEqual([]);
  });
});

describe('Revocations in an application, without Redis', () => {
  let instance: Instance;
  beforeAll(async () => {
    instance = await start();
    running.pop(); // for all tests
    directories.pop();
  });
  afterAll(() => instance.recorded());

  it('holds in the one instance at once, and says so', async () => {
    const first = await start();
    const second = await start();
    const { storedIn, message: text } = await first.revocations.revoke(ALICE, { by: BY });
    expect(storedIn).toBe('file');
    expect(text).toMatch(/revocations\.json applies it .* Other instances need REDIS_URL\.$/);
    expect([await first.status(), await second.status()]).toEqual([401, 200]);
  });

  it('records a repeated revocation too', async () => {
    const { revocations, recorded } = await start();
    await revocations.revoke(ALICE, { by: BY });
    await revocations.revoke(ALICE, { by: 'ada' });
    expect(await recorded()).toMatchObject([{ actor: BY }, { actor: 'ada' }]);
  });

  it.each([
    ['no target', {}, { by: BY }, 'invalid', /^Use exactly one of tokenId, subject, client, organization\./],
    ['two targets', { subject: 'a', client: 'b' }, { by: BY }, 'invalid', /^Use exactly one/],
    ['an empty subject', { subject: ' ' }, { by: BY }, 'invalid', /^subject is empty\.$/],
    [
      'a missing subject of an organization',
      { subject: null, organization: 'a' },
      { by: BY },
      'invalid',
      /^subject is missing/,
    ],
    ['a subject of another type', { subject: 7 }, { by: BY }, 'invalid', /^subject is not a string\.$/],
    [
      'an unknown member next to an organization',
      { clientId: 'skc_1', organization: 'acme' },
      { by: BY },
      'invalid',
      /^"clientId" is not a member of a target\. Use exactly one of tokenId,/,
    ],
    [
      'an unknown member next to a subject',
      { subject: 'alice', organizationId: 'acme' },
      { by: BY },
      'invalid',
      /^"organizationId" is not a member/,
    ],
    ['null', null, { by: BY }, 'invalid', /^The target is not an object\./],
    [
      'an id that no token has',
      { subject: 'a'.repeat(16_385) },
      { by: BY },
      'invalid',
      /^subject is longer than 16384 characters\.$/,
    ],
    ['a missing name', { subject: 'a' }, {}, 'invalid', /^by is missing\.$/],
    ['missing options', { subject: 'a' }, null, 'invalid', /^The options are not an object\. Use by, for,/],
    [
      'a misspelled option',
      { subject: 'a' },
      { by: BY, For: '1h' },
      'invalid',
      /^"For" is not an option\. Use by, for, clockMargin\.$/,
    ],
    ['a time of another type', { subject: 'a' }, { by: BY, for: 3600 }, 'invalid', /^for is not a string\.$/],
    [
      'an invalid time',
      { subject: 'a' },
      { by: BY, for: 'ever' },
      'invalid',
      /^for "ever" is not a duration/,
    ],
  ])('rejects %s, and changes nothing', async (_what, target, options, code, text) => {
    const { revocations } = instance;
    const asked: RevocationTarget = JSON.parse(JSON.stringify(target));
    const attempt = revocations.revoke(asked, JSON.parse(JSON.stringify(options)) as RevokeOptions);
    await expect(attempt).rejects.toMatchObject({ code, message: expect.stringMatching(text) });
    expect(await revocations.list()).toEqual([]);
  });

  it.each([
    ['no options', undefined, /^The options are not an object\. Use by\.$/],
    ['options of a revocation', { by: BY, for: '1h' }, /^"for" is not an option\. Use by\.$/],
  ])('rejects to undo with %s', async (_what, options, text) => {
    const attempt = instance.revocations.undo(ALICE, options as RevokeOptions);
    await expect(attempt).rejects.toMatchObject({ code: 'invalid', message: expect.stringMatching(text) });
  });

  it('rejects to undo what is not revoked', async () => {
    await expect(instance.revocations.undo(ALICE, { by: BY })).rejects.toMatchObject({
      code: 'unknown',
      message: expect.stringMatching(/^Nothing to undo for every token of the subject "alice" in the org/),
    });
  });
});
