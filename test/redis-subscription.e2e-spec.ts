import { connect } from '../src/redis/connect.js';
import { followChannel } from '../src/redis/follow-channel.js';
import { type RedisServer, redisSettings, startRedis } from './support/redis.js';
import { until } from './support/until.js';

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
