import { runningCalls } from '../../process/running-call.js';
import { DeadlineError } from '../failures/deadline-error.js';

/** Maximum time after its deadline until a handler counts as stuck, in milliseconds. */
const MAX_GRACE_MS = 10_000;

/** Observes the handler until it settles, even if nobody waits for it any more. */
export interface Watch {
  onStart(): void;
  /** Called when the handler has not settled long after its deadline. */
  onStuck(): void;
  onSettled(): void;
}

const NOBODY: Watch = { onStart: () => {}, onStuck: () => {}, onSettled: () => {} };

/**
 * Runs a handler with a deadline.
 *
 * @param limit milliseconds; the handler counts as stuck after the same time again, at most 10 s
 * @param caller aborted when the caller disconnects or cancels
 * @param run receives a function that creates a signal for deadline and caller; most handlers never need one
 * @param watch observes the handler until it settles, which may be long after the outcome
 * @throws {DeadlineError} when the deadline passes, or the caller's reason when it disconnects
 */
export async function withDeadline<Outcome>(
  limit: number,
  caller: AbortSignal,
  run: (signal: () => AbortSignal) => Outcome | Promise<Outcome>,
  watch = NOBODY,
): Promise<Outcome> {
  caller.throwIfAborted();
  let controller: AbortController | undefined;
  let why: unknown;
  const signal = (): AbortSignal => {
    if (!controller) {
      controller = new AbortController();
      if (why !== undefined) controller.abort(why);
    }
    return controller.signal;
  };
  return new Promise<Outcome>((resolve, reject) => {
    const start = performance.now();
    let stuck: NodeJS.Timeout | undefined;
    let timer: NodeJS.Timeout | undefined;
    let isSettled = false;
    const end = (reason: unknown): void => {
      unwatch();
      const left = Math.max(0, start + limit + Math.min(limit, MAX_GRACE_MS) - performance.now());
      stuck = setTimeout(() => watch.onStuck(), left).unref();
      why = reason;
      controller?.abort(reason);
      reject(reason);
    };
    const call = runningCalls.getStore();
    // Attributes errors in the handler's abort listeners to this call.
    const onCallerGone = (): void => runningCalls.run(call, () => end(errorOf(caller)));
    const unwatch = (): void => {
      clearTimeout(timer);
      caller.removeEventListener('abort', onCallerGone);
    };
    // Most handlers settle before the event loop goes on. A timer and a listener would cost a tenth of their calls.
    process.nextTick(() => {
      if (isSettled) return;
      if (caller.aborted) {
        onCallerGone();
        return;
      }
      const left = Math.max(0, start + limit - performance.now());
      // A call that outlasts its server does not keep the process.
      timer = setTimeout(() => end(new DeadlineError(limit)), left).unref();
      caller.addEventListener('abort', onCallerGone, { once: true });
    });
    watch.onStart();
    const running = async (): Promise<Outcome> => {
      try {
        return await run(signal);
      } finally {
        isSettled = true;
        if (timer) unwatch();
        clearTimeout(stuck);
        watch.onSettled();
      }
    };
    running().then(resolve, reject);
  });
}

/** Converts the abort reason to an error. Clients may give a string, but a catch block expects an error. */
const errorOf = ({ reason }: AbortSignal): unknown =>
  reason instanceof Error || reason instanceof DOMException ? reason : new Error(String(reason));
