import { RedisRevocations } from '../src/auth/revocation/redis-revocations.js';
import { Revocations } from '../src/auth/revocation/revocations.js';
import { loadConfiguration } from '../src/config/load-configuration.js';
import { connect } from '../src/redis/connect.js';
import type { Redis } from '../src/redis/redis.js';
import { redisSettings } from './support/redis.js';
import { command, RedisProcesses, startCluster } from './support/redis-topologies.js';
import { until } from './support/until.js';

const HOUR_MS = 3_600_000;
/** Margin of a revocation for the issuer's clock. */
const MARGIN_MS = 60_000;
const BY = { by: 'ada' };
/** Permissions of the ACL user in docs/deploy.md. */
const DOCUMENTED = '-@all +@connection +@read +@write +@scripting +@pubsub -@dangerous +info';

describe('a process with a wrong clock that changes the revocations in Redis', () => {
  const processes = new RedisProcesses();
  const connections: Redis[] = [];
  let port: number;
  let url: string;
  beforeAll(async () => {
    port = await processes.start((own) => [`port ${own}`]);
    await command(port, 'PING');
    url = `redis://127.0.0.1:${port}`;
  });
  beforeEach(() => command(port, 'FLUSHALL'));
  afterEach(() => connections.splice(0).forEach((redis) => redis.disconnect()));
  afterAll(() => processes.end());

  const configuration = loadConfiguration({});
  const revocationsAt = async (at: string): Promise<Revocations> => {
    const redis = connect(redisSettings(at));
    connections.push(redis);
    await until(() => redis.status === 'ready');
    return new Revocations(configuration, new RedisRevocations(redis), {
      making: (_change, make) => make(),
      warn: () => undefined,
    });
  };
  const withClock = async <Result>(ahead: number, work: () => Promise<Result>): Promise<Result> => {
    const { now } = Date;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() + ahead);
    try {
      return await work();
    } finally {
      clock.mockRestore();
    }
  };
  /** Revokes with a clock that is two hours behind. Returns by how much the stored time is wrong. */
  const errorOfRevocation = async (revocations: Revocations): Promise<number> => {
    const expected = Date.now() + MARGIN_MS;
    const { revocation } = await withClock(-2 * HOUR_MS, () =>
      revocations.revoke({ subject: 'mallory' }, BY),
    );
    return Math.abs(revocation.revokedAt - expected);
  };

  it('revokes the tokens issued up to now if its clock is behind', async () => {
    expect(await errorOfRevocation(await revocationsAt(url))).toBeLessThan(10_000);
  });

  it('does so in a Cluster', async () => {
    const cluster = await startCluster(processes);
    expect(await errorOfRevocation(await revocationsAt(cluster.url))).toBeLessThan(10_000);
  });

  it('keeps and lists revocations that have expired only on its clock', async () => {
    const revocations = await revocationsAt(url);
    await revocations.revoke({ subject: 'mallory' }, BY);
    const listed = await withClock(configuration.maxTokenLifetime + HOUR_MS, async () => {
      await revocations.revoke({ subject: 'bob' }, BY);
      await revocations.undo({ subject: 'bob' }, BY);
      return revocations.list();
    });
    expect(listed.map(({ id }) => id)).toEqual(['mallory']);
    expect(await revocations.list()).toEqual(listed);
  });

  it.each([
    ['the documented permissions', DOCUMENTED, 0],
    ['no dangerous commands', '+@all -@dangerous', 0],
    ['neither INFO nor TIME', '+@all -info -time', 2 * HOUR_MS],
  ])('revokes as a user with %s', async (_what, permissions, error) => {
    jest.spyOn(console, 'warn').mockImplementation(); // ioredis also asks for INFO when it connects
    const rules = ['reset', 'on', '>secret', '~aerie:*', '&aerie:*', ...permissions.split(' ')];
    await command(port, 'ACL', 'SETUSER', 'aerie', ...rules);
    const revocations = await revocationsAt(url.replace('//', '//aerie:secret@'));
    expect(Math.abs((await errorOfRevocation(revocations)) - error)).toBeLessThan(10_000);
  });
});
