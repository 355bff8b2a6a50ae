import { Interruption } from '../../process/running-call.js';

/** Thrown when a call exceeds its deadline. */
export class DeadlineError extends Interruption {
  override readonly name = 'DeadlineError';

  /** @param limit milliseconds */
  constructor(readonly limit: number) {
    super(`The call did not end within ${limit / 1000} s.`);
  }
}
