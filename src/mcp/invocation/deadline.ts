import { Interruption, runningCalls } from '../../process/running-call.js';

/** The call did not end in time. */
export class DeadlineError extends Interruption {
  override readonly name = 'DeadlineError';

  /** @param limit milliseconds */
  constructor(readonly limit: number) {
    super(`The call did not end within ${limit / 1000} s.`);
  }
}

/**
 * Runs something that is given a limited time.
 *
 * @param limit milliseconds
 * @param caller fires when the caller no longer wants the outcome
 * @param run can have a signal that fires on either, made when it is asked for: most never do; what it does
 *   after that is nobody's concern any more
 * @throws {DeadlineError} when the time is over, or the caller's reason when it went away
 */
export async function withDeadline<Outcome>(
  limit: number,
  caller: AbortSignal,
  run: (signal: () => AbortSignal) => Outcome | Promise<Outcome>,
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
    const end = (reason: unknown): void => {
      settle();
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
    void (async () => run(signal))().then(resolve, reject).finally(settle);
  });
}

/** An error in any case: clients may give a text as their reason, and whoever catches what is thrown expects an error. */
const reasonOf = ({ reason }: AbortSignal): unknown =>
  reason instanceof Error || reason instanceof DOMException ? reason : new Error(String(reason));
