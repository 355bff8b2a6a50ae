import { Logger } from '@nestjs/common';
import { Cluster } from 'ioredis';

import { connect } from '../src/redis/connect.js';
import { followChannel } from '../src/redis/follow-channel.js';
import { type RedisServer, redisSettings, startRedis } from './support/redis.js';
import { command, RedisProcesses, startCluster } from './support/redis-topologies.js';
import { eventually, until } from './support/until.js';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

it('subscribes once to a channel after a lost connection', async () => {
  const redis = connect(redisSettings(server.url));
  const [onMessage, onSubscribed] = [jest.fn(), jest.fn()];
  const leave = followChannel(redis, 'news', { onMessage, onSubscribed });
  try {
    await until(() => onSubscribed.mock.calls.length === 1, 5_000);
    await redis.client('KILL', 'TYPE', 'PUBSUB');
    await until(() => onSubscribed.mock.calls.length === 2, 5_000);
    await redis.publish('news', 'one');
    await until(() => onMessage.mock.calls.length > 0, 5_000);
    expect(onMessage.mock.calls).toEqual([['one']]);
    expect(await redis.info('commandstats')).toMatch(/^cmdstat_subscribe:calls=2,/m);
  } finally {
    leave();
    redis.disconnect();
  }
});

it('says once that a subscription is refused, keeps its connection, and subscribes once it may', async () => {
  const error = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  const admin = connect(redisSettings(server.url));
  await until(() => admin.status === 'ready');
  await admin.call('acl', 'setuser', 'aerie', 'on', '>secret', '~*', '+@all', 'resetchannels');
  const redis = connect(redisSettings(server.url.replace('//', '//aerie@'), { REDIS_PASSWORD: 'secret' }));
  await until(() => redis.status === 'ready');
  const connections = async (): Promise<number> =>
    Number(/^total_connections_received:(\d+)/m.exec(await admin.info('stats'))?.[1]);
  const before = await connections();
  const onSubscribed = jest.fn();
  const leave = followChannel(redis, 'news', { onMessage: jest.fn(), onSubscribed });
  try {
    await until(() => error.mock.calls.length > 0, 5_000);
    await until(
      async () => /^cmdstat_subscribe:.*rejected_calls=2/m.test(await admin.info('commandstats')),
      5_000,
    );
    expect(await connections()).toBe(before + 1);
    expect(error.mock.calls).toEqual([
      [expect.stringMatching(/^Redis refuses the subscription to news, .*NOPERM/)],
    ]);
    expect(onSubscribed).not.toHaveBeenCalled();
    await admin.call('acl', 'setuser', 'aerie', '&news');
    await until(() => onSubscribed.mock.calls.length === 1, 10_000);
  } finally {
    leave();
    redis.disconnect();
    admin.disconnect();
    error.mockRestore();
  }
});

it('keeps the connections of a Cluster that refuses a subscription', async () => {
  const error = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  const processes = new RedisProcesses();
  const redis = connect(redisSettings((await startCluster(processes)).url));
  try {
    await until(() => redis.status === 'ready');
    if (!(redis instanceof Cluster)) throw new Error('This is no Cluster.');
    for (const node of redis.nodes('all')) await node.call('acl', 'setuser', 'default', 'resetchannels');
    const onClose = jest.fn();
    redis.on('close', onClose);
    const leave = followChannel(redis, 'news', { onMessage: jest.fn() });
    await until(() => error.mock.calls.length > 0, 5_000);
    expect(await redis.set('key', 'value')).toBe('OK');
    expect(onClose).not.toHaveBeenCalled();
    leave();
  } finally {
    redis.disconnect();
    await processes.end();
    error.mockRestore();
  }
});

it('leaves a channel of a Cluster with its last follower', async () => {
  const processes = new RedisProcesses();
  const { url, servers } = await startCluster(processes);
  const redis = connect(redisSettings(url));
  const subscribers = async (): Promise<unknown> => {
    const answers = await Promise.all(servers.map((port) => command(port, 'PUBSUB', 'NUMSUB', 'news')));
    return answers.reduce<number>((sum, answer) => sum + Number((answer as unknown[])[1]), 0);
  };
  try {
    await until(() => redis.status === 'ready');
    const onMessage = jest.fn();
    const leaveFirst = followChannel(redis, 'news', { onMessage: jest.fn() });
    const leave = followChannel(redis, 'news', { onMessage });
    await eventually(subscribers, 1);
    leaveFirst();
    leaveFirst();
    await redis.publish('news', 'one');
    await until(() => onMessage.mock.calls.length > 0);
    expect(await subscribers()).toBe(1);
    leave();
    await eventually(subscribers, 0);
  } finally {
    redis.disconnect();
    await processes.end();
  }
});
