import { AsyncLocalStorage } from 'node:async_hooks';

/** Call whose handler is running or has left work running. */
export interface RunningCall {
  /** Log fields of the call. Strings only, because a socket that outlives the call keeps them in memory. */
  readonly fields: Readonly<Record<string, string | undefined>>;
  /** Signal that fires on deadline and cancellation; undefined once the call has ended. */
  signal: (() => AbortSignal) | undefined;
  /** Approximate size of the result in characters, once there is one. */
  resultSize?: number;
}

/** Call that started the current callback, even after the call has ended. */
export const runningCalls = new AsyncLocalStorage<RunningCall | undefined>();

/**
 * Thrown in a handler that cannot continue, because its client must respond first or the call has ended. It can safely
 * remain uncaught. Rethrow it from a `catch` that handles every error.
 */
export class Interruption extends Error {}
