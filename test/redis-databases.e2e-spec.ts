import { randomUUID } from 'node:crypto';

import { RedisRevocations } from '../src/auth/revocation/redis-revocations.js';
import { ResourceUpdates } from '../src/mcp/index.js';
import { connect } from '../src/redis/connect.js';
import type { Redis } from '../src/redis/redis.js';
import { type RedisServer, redisSettings, startRedis } from './support/redis.js';
import { eventually, until } from './support/until.js';

const LIST = '{"lineage":"l","revision":1,"revocations":[]}';

describe('deployments in different databases of one Redis', () => {
  let server: RedisServer;
  const ends: (() => void)[] = [];
  beforeAll(async () => {
    server = await startRedis();
  });
  afterEach(() => ends.splice(0).forEach((end) => end()));
  afterAll(() => server.stop());

  const connected = async (database: number): Promise<Redis> => {
    const redis = connect(redisSettings(`${server.url}/${database}`));
    ends.push(() => redis.disconnect());
    await until(() => redis.status === 'ready');
    return redis;
  };
  const subscribers = async (redis: Redis, channel: string): Promise<unknown> =>
    ((await redis.call('PUBSUB', 'NUMSUB', channel)) as unknown[])[1];

  it('do not get the changes, questions and lists of each other', async () => {
    const heard: string[] = [];
    const watched = async (database: number): Promise<[RedisRevocations, Redis]> => {
      const redis = await connected(database);
      const revocations = new RedisRevocations(redis);
      revocations.watch({
        onChange: () => heard.push(`change in ${database}`),
        onOffer: (text) => heard.push(`${text === LIST ? 'list' : text} in ${database}`),
        onQuestion: () => {
          heard.push(`question in ${database}`);
          return Promise.resolve('');
        },
      });
      ends.unshift(() => revocations.close());
      return [revocations, redis];
    };
    const [, redis] = await watched(0);
    const [staging] = await watched(1);
    const [another] = await watched(1);
    await eventually(() => subscribers(redis, 'aerie:revocations'), 1);
    await eventually(() => subscribers(redis, 'aerie:revocations:1'), 2);
    await until(() => heard.length === 3); // each has subscribed
    heard.length = 0;

    expect(await staging.replace(undefined, LIST)).toBe(true);
    await staging.askInstances();
    expect(await another.offer(LIST)).toBe(2);
    // A message that leaks to the other database comes before this one.
    await redis.publish('aerie:revocations', 'end');
    const expected = ['change in 1', 'change in 1', 'end in 0', 'list in 1', 'list in 1', 'question in 1'];
    await eventually(() => Promise.resolve(heard.toSorted()), expected);
  });

  it('do not get the changes of resources of each other', async () => {
    const heard: string[] = [];
    const clients = await Promise.all([0, 1, 1].map(connected));
    const updates = clients.map((client, index) => {
      const one = new ResourceUpdates(client);
      one.onChange(({ kind }) => heard.push(`${kind} at ${index}`));
      one.onModuleInit();
      ends.unshift(() => void one.onApplicationShutdown());
      return one;
    });
    const redis = await connected(0);
    await eventually(() => subscribers(redis, 'aerie:resource-updates'), 1);
    await eventually(() => subscribers(redis, 'aerie:resource-updates:1'), 2);
    updates[1]?.resourceListChanged('everybody');
    updates[0]?.resourceListChanged('everybody');
    // A message that leaks to the other database comes before this one of the same connection.
    const event = { kind: 'resource_updated', uri: 'test://end', audience: 'everybody' };
    const end = JSON.stringify({ from: randomUUID(), event });
    await clients[1]?.publish('aerie:resource-updates', end);
    await clients[0]?.publish('aerie:resource-updates:1', end);
    const expected = ['list_changed', 'resource_updated'].flatMap((kind) =>
      [0, 1, 2].map((index) => `${kind} at ${index}`),
    );
    await eventually(() => Promise.resolve(heard.toSorted()), expected);
  });
});
