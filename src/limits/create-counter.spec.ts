import { EventEmitter, once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

import type { Redis } from 'ioredis';

import { BoundedThrottlerStorage } from './bounded-throttler-storage.js';
import { createCounter } from './create-counter.js';
import { MemoryCounter } from './memory-counter.js';
import { RedisThrottlerStorage } from './redis-throttler-storage.js';

const WINDOW = 60;

/** Fake of the part of a connection that the limiters use. The test chooses the results of commands. */
class Connection extends EventEmitter {
  status = 'ready';
  asked = 0;
  answer: () => Promise<unknown> = () => new Promise(() => undefined);

  defineCommand(): void {}
  rlflxIncr(): Promise<unknown> {
    this.asked++;
    return this.answer();
  }
  eval(): Promise<unknown> {
    return this.rlflxIncr();
  }
  get redis(): Redis {
    return this as unknown as Redis;
  }
}

describe('MemoryCounter', () => {
  afterEach(() => void jest.useRealTimers());

  it('keeps a maximum number of keys, and evicts the least recently used', () => {
    const counter = new MemoryCounter(100);
    counter.consume('first', 7, WINDOW);
    counter.consume('second', 7, WINDOW);
    for (let i = 0; i < 99; i++) {
      counter.consume(`other ${i}`, 1, WINDOW);
      counter.consume('first', 1, WINDOW);
    }
    expect(counter.consume('first', 1, WINDOW).consumed).toBe(107);
    expect(counter.consume('other 0', 1, WINDOW).consumed).toBe(2);
    expect(counter.consume('second', 1, WINDOW).consumed).toBe(1);
  });

  it('counts each key in a window of its own, and starts over when the window ends', () => {
    jest.useFakeTimers();
    const counter = new MemoryCounter(10);
    counter.consume('a', 3, 1);
    jest.advanceTimersByTime(400);
    expect(counter.consume('a', 2, 1)).toEqual({ consumed: 5, untilReset: 600 });
    expect(counter.consume('b', 1, 3_600)).toEqual({ consumed: 1, untilReset: 3_600_000 });
    jest.advanceTimersByTime(600);
    expect(counter.consume('a', 1, 1)).toEqual({ consumed: 1, untilReset: 1_000 });
  });

  it('subtracts refunds', () => {
    const counter = new MemoryCounter(10);
    counter.consume('key', 5, WINDOW);
    counter.giveBack('key', 2);
    counter.giveBack('another', 2);
    expect(counter.consume('key', 1, WINDOW).consumed).toBe(4);
  });
});

describe('createCounter', () => {
  afterEach(() => void jest.useRealTimers());

  it('counts in memory without Redis', async () => {
    const counter = createCounter(undefined);
    await counter.consume('a', 3, WINDOW);
    expect(await counter.consume('a', 2, WINDOW)).toMatchObject({ consumed: 5 });
  });

  it('counts in memory without a delay while Redis is down', async () => {
    const connection = new Connection();
    connection.status = 'reconnecting';
    const counter = createCounter(connection.redis);
    await counter.consume('a', 3, WINDOW);
    expect((await counter.consume('a', 1, WINDOW)).consumed).toBe(4);
    expect(connection.asked).toBe(0);
  });

  it('waits 40 ms for a Redis that does not answer, and counts once even if the command fails later', async () => {
    jest.useFakeTimers();
    const connection = new Connection();
    connection.answer = () =>
      new Promise((_resolve, reject) => setTimeout(() => reject(new Error('Command timed out')), 100));
    const counter = createCounter(connection.redis);
    let isCounted = false;
    const counting = Promise.resolve(counter.consume('a', 3, WINDOW)).finally(() => (isCounted = true));
    await jest.advanceTimersByTimeAsync(39);
    expect(isCounted).toBe(false);
    await jest.advanceTimersByTimeAsync(10);
    expect(isCounted).toBe(true);
    expect((await counting).consumed).toBe(3);
    await jest.advanceTimersByTimeAsync(100);
    connection.status = 'end';
    expect((await counter.consume('a', 1, WINDOW)).consumed).toBe(4);
  });

  it('uses an answer that arrived while this process was busy for longer than the timeout', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [peer] = (await once(server, 'connection')) as [Socket];
    const connection = new Connection();
    connection.answer = async () => {
      await once(socket, 'data');
      return [41, 5_000];
    };
    const counting = createCounter(connection.redis).consume('a', 1, WINDOW);
    peer.write('answer');
    const busyUntil = performance.now() + 150;
    while (performance.now() < busyUntil);
    expect((await counting).consumed).toBe(41);
    peer.destroy();
    socket.destroy();
    server.close();
  });

  it('knows whether it counts without Redis', async () => {
    const connection = new Connection();
    const counter = createCounter(connection.redis);
    connection.answer = () => Promise.reject(new Error('down'));
    await counter.consume('a', 1, WINDOW);
    expect(counter.isDegraded).toBe(true);
    jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 1_000);
    connection.answer = () => Promise.resolve([41, 5_000]);
    await counter.consume('a', 1, WINDOW);
    expect(counter.isDegraded).toBe(false);
  });

  it('returns the count of Redis', async () => {
    const connection = new Connection();
    connection.answer = () => Promise.resolve([41, 5_000]);
    const counted = await createCounter(connection.redis).consume('a', 1, WINDOW);
    expect(counted).toMatchObject({ consumed: 41, untilReset: 5_000 });
  });
});

describe('RedisThrottlerStorage', () => {
  const hit = (storage: RedisThrottlerStorage, limit = 2): ReturnType<RedisThrottlerStorage['increment']> =>
    storage.increment('1.2.3.4', 60_000, limit, 0, 'test');

  it('returns the count of Redis', async () => {
    const connection = new Connection();
    const storage = new RedisThrottlerStorage(connection.redis, new BoundedThrottlerStorage(10));
    connection.answer = () => Promise.resolve([2, 1_500]);
    expect(await hit(storage)).toEqual({
      totalHits: 2,
      timeToExpire: 2,
      isBlocked: false,
      timeToBlockExpire: 0,
    });
    connection.answer = () => Promise.resolve([3, 1_500]);
    expect(await hit(storage)).toMatchObject({ totalHits: 3, isBlocked: true, timeToBlockExpire: 2 });
  });

  it.each<[string, () => Promise<unknown>]>([
    ['fails', () => Promise.reject(new Error('down'))],
    ['does not answer', () => new Promise(() => undefined)],
    ['sends an invalid answer', () => Promise.resolve('OK')],
  ])('counts in memory when Redis %s', async (_what, answer) => {
    const connection = new Connection();
    connection.answer = answer;
    const fallback = new BoundedThrottlerStorage(10);
    const storage = new RedisThrottlerStorage(connection.redis, fallback);
    const blocked = [await hit(storage), await hit(storage), await hit(storage)].map(
      ({ isBlocked }) => isBlocked,
    );
    expect(blocked).toEqual([false, false, true]);
    fallback.onApplicationShutdown();
  });
});

describe('BoundedThrottlerStorage', () => {
  it('counts all addresses beyond the maximum as one', async () => {
    const storage = new BoundedThrottlerStorage(10);
    for (let i = 0; i < 50; i++) await storage.increment(`address ${i}`, 60_000, 20, 0, 'test');
    expect(storage.storage.size).toBe(11);
    const hit = async (key: string): Promise<boolean> =>
      (await storage.increment(key, 60_000, 20, 0, 'test')).isBlocked;
    expect(await hit('address 1')).toBe(false);
    expect(await hit('address 60')).toBe(true);
    storage.onApplicationShutdown();
  });
});
