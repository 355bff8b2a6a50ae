import { isObservable, type Observable } from 'rxjs';

import { runningCalls } from '../../process/running-call.js';
import { closeStream } from '../close-streams.js';

/**
 * Waits for what a handler returned: the value of a promise, or the last value of an observable, which is unsubscribed
 * from when the call ends. A generator or a stream is closed: nobody will read it, and it is no result.
 */
export async function settled(outcome: unknown): Promise<unknown> {
  const value = await outcome;
  if (typeof value !== 'object' || value === null) return value;
  if (isObservable(value)) return lastValueOf(value);
  await closeStream(value);
  return value;
}

/** Returns the last value; undefined where there is none, or the call has ended before. */
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
    // What a teardown throws here is an uncaught exception of the call; RxJS's own operators would swallow it.
    const leave = (): void => {
      resolve(undefined);
      subscription.unsubscribe();
    };
    signal.addEventListener('abort', leave, { once: true });
  });
}
