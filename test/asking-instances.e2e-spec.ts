import { setTimeout as wait } from 'node:timers/promises';

import { RedisRevocations } from '../src/auth/revocation/redis-revocations.js';
import { connect } from '../src/redis/connect.js';
import type { Redis } from '../src/redis/redis.js';
import { redisSettings } from './support/redis.js';
import { command, RedisProcesses } from './support/redis-topologies.js';
import { until } from './support/until.js';

const LIST = '{"lineage":"l","revision":1,"revocations":[]}';
/** Time in which an instance has its answers, however busy the machine is. */
const AT_ONCE_MS = 700;

describe('an instance that starts and asks the others for revocations', () => {
  let processes: RedisProcesses;
  let connections: Redis[];
  beforeEach(() => {
    processes = new RedisProcesses();
    connections = [];
  });
  afterEach(async () => {
    connections.forEach((redis) => redis.disconnect());
    await processes.end();
  });

  const start = (...options: string[]): Promise<number> =>
    processes.start((port) => [`port ${port}`, 'repl-diskless-sync-delay 0', ...options]);
  const connected = async (port: number): Promise<Redis> => {
    const redis = connect(redisSettings(`redis://127.0.0.1:${port}`));
    connections.push(redis);
    await until(() => redis.status === 'ready', 5_000);
    return redis;
  };
  /** Makes Redis tell that it has been running for a minute. */
  const aged = async (port: number): Promise<Redis> => {
    const redis = await connected(port);
    const info = redis.info.bind(redis);
    jest
      .spyOn(redis, 'info')
      .mockImplementation(async (section) =>
        (await info(String(section))).replace(/^uptime_in_seconds:.*$/m, 'uptime_in_seconds:60'),
      );
    return redis;
  };
  const watched = (redis: Redis, answer?: string): RedisRevocations => {
    const revocations = new RedisRevocations(redis);
    revocations.watch({
      onChange: () => undefined,
      onOffer: () => undefined,
      onQuestion: () => Promise.resolve(answer),
    });
    return revocations;
  };
  const subscribed = (redis: Redis, count: number): Promise<void> =>
    until(async () => String(await redis.call('PUBSUB', 'NUMSUB', 'aerie:revocations')).endsWith(`${count}`));
  const timed = async <Result>(work: Promise<Result>): Promise<[number, Result]> => {
    const began = performance.now();
    const result = await work;
    return [performance.now() - began, result];
  };

  it('does not wait if it is alone', async () => {
    const redis = await aged(await start());
    const alone = watched(redis);
    await subscribed(redis, 1);
    const [took, answers] = await timed(alone.askInstances());
    expect(answers).toEqual([]);
    expect(took).toBeLessThan(AT_ONCE_MS);
    alone.close();
  });

  it('waits if Redis was promoted, because the others may not have found it yet', async () => {
    const master = await start();
    const replica = await start(`replicaof 127.0.0.1 ${master}`);
    await until(async () => String(await command(replica, 'INFO', 'replication')).includes('link_status:up'));
    await command(replica, 'REPLICAOF', 'NO', 'ONE');
    const redis = await aged(replica);
    const one = watched(redis);
    await subscribed(redis, 1);
    const [alone] = await timed(one.askInstances());
    expect(alone).toBeGreaterThan(900);

    const starting = watched(await connected(replica));
    await subscribed(redis, 2);
    const [together] = await timed(one.askInstances());
    expect(together).toBeGreaterThan(900);

    const other = watched(await connected(replica), LIST);
    await subscribed(redis, 3);
    const [answered, answers] = await timed(one.askInstances());
    expect(answers).toEqual([LIST]);
    expect(answered).toBeLessThan(AT_ONCE_MS);
    one.close();
    starting.close();
    other.close();
  });

  it('waits for the others if Redis has just started, even with a list', async () => {
    const redis = await connected(await start());
    await redis.set('aerie:revocations', LIST);
    const one = watched(redis);
    const asked = one.askInstances();
    await wait(500);
    const other = watched(redis, LIST);
    expect(await asked).toEqual([LIST]);
    one.close();
    other.close();
  });
});
