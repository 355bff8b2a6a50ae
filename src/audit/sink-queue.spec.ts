import { AsyncLocalStorage } from 'node:async_hooks';

import type { AuditLine } from './audit-record.js';
import { Chain } from './chain.js';
import { RefusedLinesError } from './sink.js';
import { type OnFull, SinkQueue } from './sink-queue.js';

describe('SinkQueue', () => {
  const chain = new Chain('test', 0);
  const line = (): AuditLine => chain.add({ event: 'tool.call', outcome: 'success' }, 0);
  const onFailure = jest.fn();
  const onRecovery = jest.fn();
  const onLoss = jest.fn();
  let stored: AuditLine[];
  let fails: boolean;
  let batches: number[];
  /** Maximum length of a batch, or records that are too large even alone. */
  let limit: number;
  let tooLarge: Set<AuditLine>;
  /** Settles when the sink answers. */
  let answering: Promise<void>;
  const queueOf = (onFull: OnFull): SinkQueue =>
    new SinkQueue(
      {
        name: 'test',
        write: async (lines) => {
          batches.push(lines.length);
          if (fails) throw new Error('full');
          if (lines.length > limit || lines.some((one) => tooLarge.has(one)))
            throw new RefusedLinesError('413');
          stored.push(...lines);
          await answering;
        },
        close: () => Promise.resolve(),
      },
      onFull,
      { onFailure, onRecovery, onLoss },
    );
  beforeEach(() => {
    jest.useFakeTimers();
    jest.resetAllMocks();
    stored = [];
    batches = [];
    fails = false;
    limit = Infinity;
    tooLarge = new Set();
    answering = Promise.resolve();
  });
  afterEach(() => void jest.useRealTimers());

  it('stores records in their order', async () => {
    const queue = queueOf('drop');
    const lines = Array.from({ length: 1_200 }, line);
    lines.forEach((one) => queue.add(one));
    await jest.advanceTimersByTimeAsync(100);
    expect(stored).toEqual(lines);
    expect(batches).toEqual([500, 500, 200]);
    expect(onFailure).not.toHaveBeenCalled();
  });

  it('waits for other records, but not for more than 200', async () => {
    const queue = queueOf('drop');
    for (let count = 0; count < 199; count++) queue.add(line());
    await jest.advanceTimersByTimeAsync(49);
    expect(stored).toHaveLength(0);
    await jest.advanceTimersByTimeAsync(1);
    expect(stored).toHaveLength(199);
    for (let count = 0; count < 200; count++) queue.add(line());
    await jest.advanceTimersByTimeAsync(0);
    expect(batches).toEqual([199, 200]);
  });

  it('reports a sink that hangs, and that it works again', async () => {
    const queue = queueOf('drop');
    let answer: (() => void) | undefined;
    answering = new Promise((resolve) => (answer = resolve));
    queue.add(line());
    await jest.advanceTimersByTimeAsync(5_000);
    expect(onFailure).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(50);
    expect(onFailure.mock.calls).toEqual([
      ['test', expect.objectContaining({ message: 'The sink has not answered for 5 seconds.' })],
    ]);
    answer?.();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(onRecovery.mock.calls).toEqual([['test', 0, true]]);
    expect(onFailure).toHaveBeenCalledTimes(1);
  });

  it('does not repeat a failed write sooner because more records wait', async () => {
    const queue = queueOf('drop');
    fails = true;
    queue.add(line());
    await jest.advanceTimersByTimeAsync(50);
    for (let count = 0; count < 300; count++) queue.add(line());
    await jest.advanceTimersByTimeAsync(900);
    expect(batches).toEqual([1]);
    await jest.advanceTimersByTimeAsync(100);
    expect(batches).toEqual([1, 1]);
  });

  it('writes outside of the request that it records, so that no trace contains the write', async () => {
    jest.useRealTimers();
    const request = new AsyncLocalStorage<string>();
    const seen = new Promise<unknown>((resolve) => {
      const sink = {
        name: 'test',
        write: async (): Promise<void> => resolve(request.getStore()),
        close: () => Promise.resolve(),
      };
      const queue = new SinkQueue(sink, 'drop', { onFailure, onRecovery, onLoss });
      request.run('request', () => queue.add(line()));
    });
    expect(await seen).toBeUndefined();
  });

  it('keeps records while the sink fails, and says so once', async () => {
    const queue = queueOf('drop');
    fails = true;
    const lines = Array.from({ length: 100 }, line);
    lines.forEach((one) => queue.add(one));
    await jest.advanceTimersByTimeAsync(5_000);
    expect(onFailure).toHaveBeenCalledTimes(1);
    fails = false;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(stored).toEqual(lines);
    expect(onRecovery.mock.calls).toEqual([['test', 0, true]]);
  });

  it('reports each problem of an outage once, but no more than ten', async () => {
    let problem = 0;
    const write = (): Promise<void> => Promise.reject(new Error(`problem ${Math.min(++problem >> 1, 20)}`));
    const sink = { name: 'test', write, close: () => Promise.resolve() };
    const queue = new SinkQueue(sink, 'drop', { onFailure, onRecovery, onLoss });
    queue.add(line());
    await jest.advanceTimersByTimeAsync(60_000);
    const messages = onFailure.mock.calls.map(([, error]: [string, Error]) => error.message);
    expect(messages).toEqual(Array.from({ length: 10 }, (_, number) => `problem ${number}`));
  });

  it('drops and counts records beyond 10,000', async () => {
    const queue = queueOf('drop');
    fails = true;
    for (let count = 0; count < 10_007; count++) queue.add(line());
    expect([queue.isRefusing, queue.missed]).toEqual([false, 7]);
    fails = false;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(stored).toHaveLength(10_000);
    expect(onRecovery.mock.calls).toEqual([['test', 7, true]]);
  });

  it('misses optional records while it is half full, and refuses no calls for that', async () => {
    const queue = queueOf('refuse');
    queue.add(line());
    await jest.advanceTimersByTimeAsync(50);
    fails = true;
    for (let count = 0; count < 5_000; count++) queue.add(line());
    queue.add(line(), 'optional');
    expect([queue.length, queue.missed, queue.isRefusing]).toEqual([5_000, 1, false]);
    queue.add(line());
    expect(queue.length).toBe(5_001);
    await jest.advanceTimersByTimeAsync(1_000);
    fails = false;
    await jest.advanceTimersByTimeAsync(5_000);
    expect(onRecovery.mock.calls).toEqual([['test', 1, true]]);
  });

  it('is news once while it works too slowly and misses optional records, and again after it has drained', async () => {
    const queue = queueOf('drop');
    let answer = (): void => {};
    for (let round = 0; round < 2; round++) {
      for (let write = 0; write < 4; write++) {
        const answerPrevious = answer;
        answering = new Promise((resolve) => (answer = resolve));
        answerPrevious();
        await jest.advanceTimersByTimeAsync(50);
        while (!queue.isCrowded) queue.add(line());
        queue.add(line(), 'optional');
        await jest.advanceTimersByTimeAsync(50);
      }
      answering = Promise.resolve();
      answer();
      await jest.advanceTimersByTimeAsync(5_000);
      expect(queue.length).toBe(0);
    }
    const round = [true, false, false, false].map((isNews) => ['test', 1, isNews]);
    expect(onRecovery.mock.calls).toEqual([...round, ...round]);
  });

  it('is news that it works too slowly, also after an outage that missed nothing', async () => {
    const queue = queueOf('drop');
    fails = true;
    for (let count = 0; count < 3_500; count++) queue.add(line());
    await jest.advanceTimersByTimeAsync(50);
    fails = false;
    let answer = (): void => {};
    answering = new Promise((resolve) => (answer = resolve));
    await jest.advanceTimersByTimeAsync(1_000);
    const answerFirst = answer;
    answering = new Promise((resolve) => (answer = resolve));
    answerFirst();
    await jest.advanceTimersByTimeAsync(50);
    expect(onRecovery.mock.calls).toEqual([['test', 0, true]]);

    while (!queue.isCrowded) queue.add(line());
    queue.add(line(), 'optional');
    answer();
    await jest.advanceTimersByTimeAsync(50);
    expect(onRecovery.mock.calls).toEqual([
      ['test', 0, true],
      ['test', 1, true],
    ]);
  });

  it('refuses calls before it is full, so that what has begun can still be recorded', async () => {
    const queue = queueOf('refuse');
    fails = true;
    for (let count = 0; count < 9_000; count++) queue.add(line());
    expect(queue.isRefusing).toBe(true);
    for (let count = 0; count < 2_000; count++) queue.add(line()); // of calls that had begun
    await jest.advanceTimersByTimeAsync(1_000);
    fails = false;
    await jest.advanceTimersByTimeAsync(5_000);
    expect([queue.isRefusing, queue.missed, stored.length]).toEqual([false, 0, 11_000]);
  });

  it('refuses calls while the sink has failed for ten seconds, however few records wait', async () => {
    const queue = queueOf('refuse');
    queue.add(line());
    await jest.advanceTimersByTimeAsync(50);
    fails = true;
    queue.add(line());
    await jest.advanceTimersByTimeAsync(9_000);
    expect([queue.isFailing, queue.isRefusing]).toEqual([true, false]);
    await jest.advanceTimersByTimeAsync(2_000);
    expect([queue.isFailing, queue.isRefusing]).toEqual([true, true]);
    fails = false;
    await jest.advanceTimersByTimeAsync(1_000);
    expect([queue.isFailing, queue.isRefusing, stored.length]).toEqual([false, false, 2]);
  });

  it('refuses calls until the sink has taken a record, which shows that it can', async () => {
    const queue = queueOf('refuse');
    expect(queue.isRefusing).toBe(true);
    queue.add(line());
    await jest.advanceTimersByTimeAsync(50);
    expect(queue.isRefusing).toBe(false);
  });

  it('stores what waits when it is closed, or says how many records it missed', async () => {
    const queue = queueOf('drop');
    queue.add(line());
    await queue.close();
    expect(stored).toHaveLength(1);
    const failing = queueOf('drop');
    fails = true;
    failing.add(line());
    const closed = failing.close();
    await jest.advanceTimersByTimeAsync(6_000);
    await closed;
    expect(onLoss.mock.calls).toEqual([['test', 1]]);
    expect(failing.missed).toBe(1);
  });

  it('is ready after the first write, well or not, and soon although the sink hangs', async () => {
    const failing = queueOf('refuse');
    fails = true;
    failing.add(line());
    const hanging = new SinkQueue(
      { name: 'test', write: () => new Promise(() => undefined), close: () => Promise.resolve() },
      'refuse',
      { onFailure, onRecovery, onLoss },
    );
    hanging.add(line());
    let ready = 0;
    for (const queue of [failing, hanging]) void queue.ready().then(() => ready++);
    await jest.advanceTimersByTimeAsync(100);
    expect(ready).toBe(1);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(ready).toBe(2);
  });

  it('stops although the sink hangs, and takes no record afterwards', async () => {
    const never = (): Promise<void> => new Promise(() => undefined);
    const handlers = { onFailure, onRecovery, onLoss };
    const queue = new SinkQueue({ name: 'test', write: never, close: never }, 'drop', handlers);
    queue.add(line());
    const closed = queue.close();
    await jest.advanceTimersByTimeAsync(10_000);
    await closed;
    queue.add(line());
    expect([queue.length, queue.missed]).toEqual([0, 2]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('repeats a failed batch unchanged, although more records wait', async () => {
    const queue = queueOf('drop');
    fails = true;
    queue.add(line());
    queue.add(line());
    await jest.advanceTimersByTimeAsync(50);
    queue.add(line());
    fails = false;
    await jest.advanceTimersByTimeAsync(1_100);
    expect(batches).toEqual([2, 2, 1]);
    expect(stored).toHaveLength(3);
  });

  it('splits a batch that is too large, at once, and tries longer ones again later', async () => {
    const queue = queueOf('refuse');
    limit = 200;
    const lines = Array.from({ length: 700 }, line);
    lines.forEach((one) => queue.add(one));
    await jest.advanceTimersByTimeAsync(200);
    expect(stored).toEqual(lines);
    expect(batches).toEqual([500, 250, 125, 250, 125, 250, 125, 250, 125, 200]);
    expect([onFailure.mock.calls, onRecovery.mock.calls, queue.missed]).toEqual([[], [], 0]);
  });

  it('loses only a record that is too large by itself, and says so', async () => {
    const queue = queueOf('drop');
    const lines = Array.from({ length: 8 }, line);
    const [first, ...others] = lines;
    tooLarge = new Set(first && [first]);
    lines.forEach((one) => queue.add(one));
    await jest.advanceTimersByTimeAsync(500);
    expect(stored).toEqual(others);
    expect(onFailure.mock.calls).toEqual([['test', new RefusedLinesError('413')]]);
    expect(onRecovery.mock.calls).toEqual([['test', 1, true]]);
    expect([queue.missed, queue.length]).toEqual([1, 0]);
  });

  it('refuses calls after it lost a record, until the sink takes another one', async () => {
    const queue = queueOf('refuse');
    queue.add(line());
    await jest.advanceTimersByTimeAsync(50);
    const long = line();
    tooLarge = new Set([long]);
    queue.add(long);
    await jest.advanceTimersByTimeAsync(50);
    expect([queue.isRefusing, queue.missed, queue.length]).toEqual([true, 1, 0]);
    queue.add(line());
    await jest.advanceTimersByTimeAsync(50);
    expect([queue.isRefusing, queue.missed]).toEqual([false, 1]);
  });

  it('writes the records of two chains separately', async () => {
    const queue = queueOf('drop');
    const next = new Chain('test', 0);
    const ofNext = (): AuditLine => next.add({ event: 'tool.call', outcome: 'success' }, 0);
    [line(), line(), ofNext()].forEach((one) => queue.add(one));
    await jest.advanceTimersByTimeAsync(100);
    expect(batches).toEqual([2, 1]);
  });

  it('counts missed records at once, and becomes crowded when half full', async () => {
    const queue = queueOf('drop');
    fails = true;
    for (let count = 0; count < 5_000; count++) queue.add(line());
    expect([queue.isCrowded, queue.isRefusing, queue.missed]).toEqual([true, false, 0]);
    for (let count = 0; count < 5_001; count++) queue.add(line());
    expect(queue.missed).toBe(1);
  });
});
