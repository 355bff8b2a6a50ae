import { Readable } from 'node:stream';

import { Logger } from '@nestjs/common';
import { concat, interval, NEVER, Observable, of, throwError } from 'rxjs';

import { type RunningCall, runningCalls } from '../../process/running-call.js';
import { settled } from './settled.js';

describe("a handler's return value", () => {
  const end = new AbortController();
  const call: RunningCall = { fields: {}, signal: () => end.signal };
  const during = (outcome: unknown, running = call): Promise<unknown> =>
    runningCalls.run(running, () => settled(outcome));

  it.each<[string, unknown, unknown]>([
    ['a value', { a: 1 }, { a: 1 }],
    ['a promise', Promise.resolve('x'), 'x'],
    ['an observable', of(1, 2, 3), 3],
    ['an observable that never emits', of(), undefined],
    ['a promise of an observable', Promise.resolve(of('x')), 'x'],
    // Query objects of some libraries are both.
    ['a thenable that is also iterable', thenable('rows'), 'rows'],
  ])('resolves to the outcome of %s', async (_what, outcome, value) => {
    expect(await during(outcome)).toEqual(value);
  });

  it('rejects if its observable fails', async () => {
    await expect(
      during(
        concat(
          of(1),
          throwError(() => new Error('lost')),
        ),
      ),
    ).rejects.toThrow('lost');
  });

  it('is unsubscribed from when the call ends', async () => {
    const torn = jest.fn();
    const ending = new AbortController();
    const endless = new Observable(() => torn);
    const outcome = during(endless, { fields: {}, signal: () => ending.signal });
    await new Promise(setImmediate);
    expect(torn).not.toHaveBeenCalled();
    ending.abort();
    expect(torn).toHaveBeenCalledTimes(1);
    expect(await outcome).toBeUndefined();
  });

  it('is not subscribed to after the end of the call', async () => {
    const subscribed = jest.fn();
    const late = new Observable(subscribed);
    expect(await during(late, { fields: {}, signal: () => AbortSignal.abort() })).toBeUndefined();
    expect(await during(late, { fields: {}, signal: undefined })).toBeUndefined();
    expect(subscribed).not.toHaveBeenCalled();
    expect(await during(NEVER, { fields: {}, signal: undefined })).toBeUndefined();
    expect(await during(interval(1), { fields: {}, signal: undefined })).toBeUndefined();
  });

  it('is closed if it is a generator', async () => {
    const closed = jest.fn();
    for (const generator of [numbers(closed), later(closed)]) {
      await generator.next();
      await during(generator);
    }
    expect(closed).toHaveBeenCalledTimes(2);
  });

  it('is closed if it is a stream', async () => {
    const cancel = jest.fn();
    await during(new ReadableStream({ cancel }));
    expect(cancel).toHaveBeenCalledTimes(1);
    const readable = new Readable({ read: () => undefined });
    await during(readable);
    expect(readable.destroyed).toBe(true);
  });

  it('is logged and returned unchanged if it cannot be closed', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    const locked = new ReadableStream();
    locked.getReader();
    expect(await during(locked)).toBe(locked);
    expect(warn).toHaveBeenCalledWith(expect.stringMatching(/could not be closed: /));
  });
});

function* numbers(onClose: () => void): Generator<number> {
  try {
    yield 1;
    yield 2;
  } finally {
    onClose();
  }
}

async function* later(onClose = (): void => {}): AsyncGenerator<number> {
  try {
    yield 1;
    yield 2;
  } finally {
    onClose();
  }
}

function thenable(rows: unknown): object {
  const query = Promise.resolve(rows);
  return Object.assign(query, { [Symbol.asyncIterator]: later });
}
