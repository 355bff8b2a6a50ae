import { isObservable, type Observable } from 'rxjs';

import { runningCalls } from '../../process/running-call.js';
import { closeStream } from '../../values/close-streams.js';

/**
 * Resolves a handler's return value: the value of a promise, or the last value of an observable. Unsubscribes from an
 * observable when the call ends. Closes a generator or a stream, because it is not a valid result and nobody reads it.
 */
export async function settled(outcome: unknown): Promise<unknown> {
  const value = await outcome;
  if (typeof value !== 'object' || value === null) return value;
  if (isObservable(value)) return lastValueOf(value);
  await closeStream(value);
  return value;
}

/** Returns the last value; undefined if there is none or the call ends first. */
async function lastValueOf(observable: Observable<unknown>): Promise<unknown> {
  const signal = runningCalls.getStore()?.signal?.();
  if (!signal || signal.aborted) return undefined;
  return new Promise((resolve, reject) => {
    let last: unknown;
    const subscription = observable.subscribe({
      next: (value) => {
        last = value;
      },
      error: reject,
      complete: () => resolve(last),
    });
    // An error in a teardown becomes an uncaught exception of the call. RxJS's own operators would swallow it.
    const leave = (): void => {
      resolve(undefined);
      subscription.unsubscribe();
    };
    signal.addEventListener('abort', leave, { once: true });
  });
}
