import { Interruption, runningCalls } from '../../process/running-call.js';

/** The call did not end in time. */
export class DeadlineError extends Interruption {
  override readonly name = 'DeadlineError';

  /** @param limit milliseconds */
  constructor(readonly limit: number) {
    super(`The call did not end within ${limit / 1000} s.`);
  }
}

/** Maximum time beyond its deadline after which a handler is stuck, milliseconds. */
const MAX_GRACE_MS = 10_000;

/** Is told how what runs ends, be anybody still waiting for it or not. */
export interface Watch {
  onStart(): void;
  /** It has not settled well after the deadline. */
  onStuck(): void;
  onSettled(): void;
}

const NOBODY: Watch = { onStart: () => {}, onStuck: () => {}, onSettled: () => {} };

/**
 * Runs something that is given a limited time.
 *
 * @param limit milliseconds; as long again, but not more than 10 s, and what runs is stuck
 * @param caller fires when the caller no longer wants the outcome
 * @param run can have a signal that fires on either, made when it is asked for: most never do
 * @param watch is told of the end of what runs, which may be long after the outcome
 * @throws {DeadlineError} when the time is over, or the caller's reason when it went away
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
    const end = (reason: unknown): void => {
      settle();
      const left = Math.max(0, start + limit + Math.min(limit, MAX_GRACE_MS) - performance.now());
      stuck = setTimeout(() => watch.onStuck(), left).unref();
      why = reason;
      controller?.abort(reason);
      reject(reason);
    };
    const call = runningCalls.getStore();
    // A listener of the handler's that throws is then known to be of this call.
    const onCallerGone = (): void => runningCalls.run(call, () => end(reasonOf(caller)));
    const timer = setTimeout(() => end(new DeadlineError(limit)), limit);
    caller.addEventListener('abort', onCallerGone, { once: true });
    const settle = (): void => {
      clearTimeout(timer);
      caller.removeEventListener('abort', onCallerGone);
    };
    watch.onStart();
    const running = async (): Promise<Outcome> => {
      try {
        return await run(signal);
      } finally {
        settle();
        clearTimeout(stuck);
        watch.onSettled();
      }
    };
    running().then(resolve, reject);
  });
}

/** An error in any case: clients may give a text as their reason, and whoever catches what is thrown expects an error. */
const reasonOf = ({ reason }: AbortSignal): unknown =>
  reason instanceof Error || reason instanceof DOMException ? reason : new Error(String(reason));
