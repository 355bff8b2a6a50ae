import { Logger } from '@nestjs/common';
import { Cluster, ReplyError } from 'ioredis';

import { followChannel } from './follow-channel.js';

const LOST = new Error('Connection is closed.');
const REFUSED = new (ReplyError as ErrorConstructor)('NOPERM No permissions to access a channel');

describe('a failed subscription on a Redis Cluster', () => {
  let messages: string[];
  let cluster: Cluster;
  let subscribe: jest.SpyInstance<Promise<unknown>>;
  let leave: () => void;
  beforeEach(() => {
    jest.useFakeTimers();
    messages = [];
    for (const level of ['error', 'log'] as const) {
      jest
        .spyOn(Logger.prototype, level)
        .mockImplementation((...parts: unknown[]) => messages.push(String(parts[0])));
    }
    cluster = new Cluster([], { lazyConnect: true });
    cluster.status = 'ready';
    subscribe = jest.spyOn(cluster, 'subscribe');
  });
  afterEach(() => {
    leave();
    jest.useRealTimers();
  });
  const follow = (reason: Error): void => {
    subscribe.mockRejectedValue(reason);
    leave = followChannel(cluster, 'news', { onMessage: jest.fn() });
  };

  it.each([
    ['lost connection', LOST, 14],
    ['refusal', REFUSED, 6],
  ])('is repeated after a %s', async (_what, reason, attempts) => {
    follow(reason);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(subscribe).toHaveBeenCalledTimes(attempts);
  });

  it('is logged once for each kind, like its end', async () => {
    follow(LOST);
    await jest.advanceTimersByTimeAsync(10_000);
    subscribe.mockRejectedValue(REFUSED);
    await jest.advanceTimersByTimeAsync(10_000);
    subscribe.mockResolvedValue(1);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(messages).toEqual([
      'Redis does not answer the subscription to news, so messages of other instances are missed: Connection is closed.',
      'Redis refuses the subscription to news, so messages of other instances are missed: NOPERM No permissions to access a channel',
      'Redis accepts the subscription to news again.',
    ]);
  });
});
