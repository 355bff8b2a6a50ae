import { AsyncLocalStorage } from 'node:async_hooks';

/** A call whose handler runs, or has left something running. */
export interface RunningCall {
  /** Identifies the call in log lines. Strings only: a socket that outlives the call keeps them alive. */
  readonly fields: Readonly<Record<string, string | undefined>>;
  /** Signal that fires on deadline and cancellation; undefined once the call has ended. */
  signal: (() => AbortSignal) | undefined;
}

/** Knows the call behind a callback, however late it runs. */
export const runningCalls = new AsyncLocalStorage<RunningCall | undefined>();

/**
 * Thrown into a handler that cannot go on: its client must answer first, or its call has ended. Nothing is lost where
 * nobody catches it.
 */
export class Interruption extends Error {}
