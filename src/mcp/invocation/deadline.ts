/** The call did not end in time. */
export class DeadlineError extends Error {
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
 * @param run receives a signal that fires on either; what it does afterwards is nobody's concern any more
 * @throws {DeadlineError} when the time is over, or the caller's reason when it went away
 */
export async function withDeadline<Outcome>(
  limit: number,
  caller: AbortSignal,
  run: (signal: AbortSignal) => Outcome | Promise<Outcome>,
): Promise<Outcome> {
  caller.throwIfAborted();
  const controller = new AbortController();
  const onCallerGone = (): void => controller.abort(caller.reason);
  const timer = setTimeout(() => controller.abort(new DeadlineError(limit)), limit);
  caller.addEventListener('abort', onCallerGone, { once: true });
  try {
    return await Promise.race([run(controller.signal), aborted(controller.signal)]);
  } finally {
    clearTimeout(timer);
    caller.removeEventListener('abort', onCallerGone);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
