import { EventEmitter, once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

import { Logger } from '@nestjs/common';

import type { Redis } from '../redis/redis.js';
import { listen } from '../values/listen.js';
import type { Allowance } from './allowance.js';
import { BoundedThrottlerStorage } from './bounded-throttler-storage.js';
import type { Charge } from './charge.js';
import type { Counter } from './counter.js';
import { createCounter } from './create-counter.js';
import { MemoryCounter } from './memory-counter.js';
import { RedisThrottlerStorage } from './redis-throttler-storage.js';

const WINDOW = 60;
const LIMIT = 1_000;
const OPTIONS = { prefix: 'test:', isExact: true };
/** Answer of Redis that counts 41 points. */
const COUNTED = [0, [41, 5_000, 'window', 0]];

const chargeOf = (key: string, points: number, window = WINDOW): Charge => ({
  limit: 'caller',
  key,
  points,
  rate: { points: LIMIT, window },
});
/** Charges one budget, and returns what remains. */
async function charge(counter: Counter, key: string, points: number, window?: number): Promise<Allowance> {
  const [allowance] = await counter.charge([chargeOf(key, points, window)], 'tag');
  if (!allowance) throw new Error('No allowance.');
  return allowance;
}

/** Fake of the part of a connection that the limiters use. The test chooses the results of commands. */
class Connection extends EventEmitter {
  status = 'ready';
  asked = 0;
  answer: () => Promise<unknown> = () => new Promise(() => undefined);

  evalsha(): Promise<unknown> {
    this.asked++;
    return this.answer();
  }
  eval(): Promise<unknown> {
    return this.evalsha();
  }
  get redis(): Redis {
    return this as unknown as Redis;
  }
}

describe('MemoryCounter', () => {
  afterEach(() => void jest.useRealTimers());

  it('ends a window in time although the clock of the system is set back', async () => {
    jest.useFakeTimers();
    const counter = new MemoryCounter(100);
    await charge(counter, 'a', LIMIT);
    jest.setSystemTime(Date.now() - 3_600_000);
    expect((await charge(counter, 'a', 1)).reset).toBe(WINDOW);
    jest.advanceTimersByTime(WINDOW * 1_000);
    expect((await charge(counter, 'a', 1)).refused).toBe(false);
  });

  it('keeps a maximum number of budgets, and evicts the least recently used', async () => {
    const counter = new MemoryCounter(100);
    await charge(counter, 'first', 7);
    await charge(counter, 'second', 7);
    for (let i = 0; i < 99; i++) {
      await charge(counter, `other ${i}`, 1);
      await charge(counter, 'first', 1);
    }
    expect((await charge(counter, 'first', 1)).remaining).toBe(LIMIT - 107);
    expect((await charge(counter, 'other 0', 1)).remaining).toBe(LIMIT - 2);
    expect((await charge(counter, 'second', 1)).remaining).toBe(LIMIT - 1);
  });

  it('counts each budget in a window of its own, and starts over when the window ends', async () => {
    jest.useFakeTimers();
    const counter = new MemoryCounter(10);
    await charge(counter, 'a', 3, 2);
    jest.advanceTimersByTime(900);
    expect(await charge(counter, 'a', 2, 2)).toMatchObject({ remaining: LIMIT - 5, reset: 2 });
    expect(await charge(counter, 'b', 1, 3_600)).toMatchObject({ remaining: LIMIT - 1, reset: 3_600 });
    jest.advanceTimersByTime(1_100);
    expect(await charge(counter, 'a', 1, 2)).toMatchObject({ remaining: LIMIT - 1, reset: 2 });
  });

  it('charges all budgets or none', async () => {
    const counter = new MemoryCounter(10);
    await charge(counter, 'wide', LIMIT - 1);
    const refused = counter.charge([chargeOf('narrow', 5), chargeOf('wide', 2)]);
    expect(refused).toMatchObject([{ refused: true, charge: { key: 'wide' } }]);
    expect((await charge(counter, 'narrow', 1)).remaining).toBe(LIMIT - 1);
    expect(await charge(counter, 'wide', 1)).toMatchObject({ refused: false, remaining: 0 });
  });
});

describe('createCounter', () => {
  beforeEach(() => {
    jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    jest.spyOn(Logger.prototype, 'log').mockReturnValue();
  });
  afterEach(() => void jest.useRealTimers());

  it('counts in memory without Redis', async () => {
    const counter = createCounter(undefined, OPTIONS);
    await charge(counter, 'a', 3);
    expect((await charge(counter, 'a', 2)).remaining).toBe(LIMIT - 5);
  });

  it('counts in memory without a delay while Redis is down', async () => {
    const connection = new Connection();
    connection.status = 'reconnecting';
    const counter = createCounter(connection.redis, OPTIONS);
    await charge(counter, 'a', 3);
    expect((await charge(counter, 'a', 1)).remaining).toBe(LIMIT - 4);
    expect(connection.asked).toBe(0);
  });

  it('waits 40 ms for a Redis that does not answer, and counts once even if the command fails later', async () => {
    jest.useFakeTimers();
    const connection = new Connection();
    connection.answer = () =>
      new Promise((_resolve, reject) => setTimeout(() => reject(new Error('Command timed out')), 100));
    const counter = createCounter(connection.redis, OPTIONS);
    let isCounted = false;
    const counting = charge(counter, 'a', 3).finally(() => (isCounted = true));
    await jest.advanceTimersByTimeAsync(39);
    expect(isCounted).toBe(false);
    await jest.advanceTimersByTimeAsync(10);
    expect(isCounted).toBe(true);
    expect((await counting).remaining).toBe(LIMIT - 3);
    await jest.advanceTimersByTimeAsync(100);
    connection.status = 'end';
    expect((await charge(counter, 'a', 1)).remaining).toBe(LIMIT - 4);
  });

  it('uses an answer that arrived while this process was busy for longer than the timeout', async () => {
    const server = createServer();
    const socket = connect(await listen(server), '127.0.0.1');
    const [peer] = (await once(server, 'connection')) as [Socket];
    const connection = new Connection();
    connection.answer = async () => {
      await once(socket, 'data');
      return COUNTED;
    };
    const counting = charge(createCounter(connection.redis, OPTIONS), 'a', 1);
    peer.write('answer');
    const busyUntil = performance.now() + 150;
    while (performance.now() < busyUntil);
    expect((await counting).remaining).toBe(LIMIT - 41);
    peer.destroy();
    socket.destroy();
    server.close();
  });

  it.each([
    ['refused', [1, [LIMIT, 50_000, 'window', 0]]],
    ['counted to the limit', [0, [LIMIT, 50_000, 'window', 0]]],
  ])('refuses a charge of a budget that Redis has %s, while Redis is slow', async (_what, answer) => {
    const connection = new Connection();
    connection.answer = () => Promise.resolve(answer);
    const counter = createCounter(connection.redis, OPTIONS);
    await charge(counter, 'a', 1);
    connection.answer = () => new Promise(() => undefined);
    expect(await charge(counter, 'a', 1)).toMatchObject({ refused: true, reset: 50 });
    expect((await charge(counter, 'b', 1)).remaining).toBe(LIMIT - 1);
  });

  it('counts from the answer of Redis that came too late', async () => {
    jest.useFakeTimers();
    const connection = new Connection();
    connection.answer = () => new Promise((resolve) => setTimeout(() => resolve(COUNTED), 60));
    const counter = createCounter(connection.redis, OPTIONS);
    const counting = charge(counter, 'a', 1);
    await jest.advanceTimersByTimeAsync(60);
    expect((await counting).remaining).toBe(LIMIT - 1);
    expect((await charge(counter, 'a', 1)).remaining).toBe(LIMIT - 42);
  });

  it('keeps what it counted without Redis, when Redis has counted less', async () => {
    const connection = new Connection();
    connection.status = 'reconnecting';
    const counter = createCounter(connection.redis, OPTIONS);
    await charge(counter, 'a', 100);
    connection.status = 'ready';
    connection.answer = () => Promise.resolve(COUNTED);
    expect((await charge(counter, 'a', 1)).remaining).toBe(LIMIT - 41);
    connection.status = 'reconnecting';
    expect((await charge(counter, 'a', 1)).remaining).toBe(LIMIT - 101);
  });

  it('allows a smaller charge than the one that Redis refused, while Redis is slow', async () => {
    const connection = new Connection();
    connection.answer = () => Promise.resolve([1, [LIMIT, 50_000, 'window', 0]]);
    const counter = createCounter(connection.redis, OPTIONS);
    await charge(counter, 'a', 10);
    await charge(counter, 'b', LIMIT + 1);
    connection.status = 'reconnecting';
    expect(await charge(counter, 'a', 9)).toMatchObject({ refused: false, remaining: 0 });
    expect((await charge(counter, 'b', 1)).remaining).toBe(LIMIT - 1);
  });

  it('knows whether it counts without Redis', async () => {
    const connection = new Connection();
    const counter = createCounter(connection.redis, OPTIONS);
    connection.answer = () => Promise.reject(new Error('down'));
    await charge(counter, 'a', 1);
    expect(counter.isDegraded).toBe(true);
    jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 1_000);
    connection.answer = () => Promise.resolve(COUNTED);
    await charge(counter, 'a', 1);
    expect(counter.isDegraded).toBe(false);
  });

  it('asks Redis nothing, and does not wait, without a limit', () => {
    const connection = new Connection();
    const counter = createCounter(connection.redis, OPTIONS);
    expect(counter.charge([], 'tag')).toEqual([]);
    expect(connection.asked).toBe(0);
  });

  it('reports once why Redis fails, and its end only after it was steady for seconds', async () => {
    jest.useFakeTimers();
    const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const log = jest.spyOn(Logger.prototype, 'log').mockReturnValue();
    const connection = new Connection();
    const counter = createCounter(connection.redis, OPTIONS);
    for (let round = 0; round < 20; round++) {
      connection.answer = () =>
        round % 2 === 0 ? Promise.reject(new Error('OOM command not allowed')) : Promise.resolve(COUNTED);
      await charge(counter, 'a', 1);
      await jest.advanceTimersByTimeAsync(240);
    }
    expect(warn.mock.calls).toEqual([
      ['Redis cannot count (OOM command not allowed). This instance counts limits on its own until it can.'],
    ]);
    expect(log).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(5_000);
    await charge(counter, 'a', 1);
    expect(log.mock.calls).toEqual([['Redis counts limits again, across all instances.']]);
  });

  it('returns the count of Redis', async () => {
    const connection = new Connection();
    connection.answer = () => Promise.resolve(COUNTED);
    const allowance = await charge(createCounter(connection.redis, OPTIONS), 'a', 1);
    expect(allowance).toMatchObject({ refused: false, remaining: LIMIT - 41, reset: 5 });
  });

  it('returns the budget that refuses', async () => {
    const connection = new Connection();
    connection.answer = () => Promise.resolve([2, [LIMIT, 5_000, 'window', 0]]);
    const counter = createCounter(connection.redis, OPTIONS);
    const allowances = await counter.charge([chargeOf('a', 1), chargeOf('b', 1)], 'tag');
    expect(allowances).toMatchObject([{ refused: true, remaining: 0, reset: 5, charge: { key: 'b' } }]);
  });

  it('sends the script to a Redis that does not know it', async () => {
    const connection = new Connection();
    connection.answer = () =>
      connection.asked === 1
        ? Promise.reject(new Error('NOSCRIPT No matching script.'))
        : Promise.resolve(COUNTED);
    expect((await charge(createCounter(connection.redis, OPTIONS), 'a', 1)).remaining).toBe(LIMIT - 41);
    expect(connection.asked).toBe(2);
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

  it('keeps an address blocked that Redis has blocked, while Redis is slow', async () => {
    const connection = new Connection();
    const fallback = new BoundedThrottlerStorage(10);
    const storage = new RedisThrottlerStorage(connection.redis, fallback);
    connection.answer = () => Promise.resolve([3, 1_500]);
    await hit(storage);
    connection.answer = () => new Promise(() => undefined);
    expect(await hit(storage)).toMatchObject({ totalHits: 3, isBlocked: true, timeToBlockExpire: 2 });
    jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 2_000);
    expect(await hit(storage)).toMatchObject({ isBlocked: false });
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
  });
});
