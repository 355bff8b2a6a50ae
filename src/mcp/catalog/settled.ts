import { isGeneratorObject } from 'node:util/types';

import { fromEvent, isObservable, lastValueFrom, type Observable, takeUntil } from 'rxjs';

import { runningCalls } from '../../process/running-call.js';

/**
 * Waits for what a handler returned: the value of a promise, or the last value of an observable, which is unsubscribed
 * from when the call ends. A generator or a stream is closed: nobody will read it, and it is no result.
 */
export async function settled(outcome: unknown): Promise<unknown> {
  const value = await outcome;
  if (typeof value !== 'object' || value === null) return value;
  if (isObservable(value)) return lastValueOf(value);
  await iteratorOf(value)?.return?.();
  return value;
}

/** Returns the last value; undefined where there is none, or the call has ended before. */
async function lastValueOf(observable: Observable<unknown>): Promise<unknown> {
  const signal = runningCalls.getStore()?.signal?.();
  if (!signal || signal.aborted) return undefined;
  const ended = fromEvent(signal, 'abort');
  return lastValueFrom(observable.pipe(takeUntil(ended)), { defaultValue: undefined });
}

/** Returns how to close what yields values over time; undefined for any other value. */
function iteratorOf(value: object): AsyncIterator<unknown> | Iterator<unknown> | undefined {
  if (isAsyncIterable(value)) return value[Symbol.asyncIterator]();
  return isGeneratorObject(value) ? value : undefined;
}

const isAsyncIterable = (value: object): value is AsyncIterable<unknown> => Symbol.asyncIterator in value;
