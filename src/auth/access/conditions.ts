import { messageOf } from '../../values/trace-of.js';
import type { Principal } from '../principal.js';

/** Decides about a caller, without waiting for anything. */
export type Allow = (principal: Principal) => boolean;

/** Functions of the application, each of which must allow a caller. A faulty function allows nobody. */
export class Conditions {
  #isReported = false;

  /** @param report receives the first fault, for the operator */
  constructor(
    private readonly functions: readonly Allow[],
    private readonly report: (fault: string) => void,
  ) {}

  get isEmpty(): boolean {
    return this.functions.length === 0;
  }

  areMetBy(principal: Principal): boolean {
    return this.functions.every((allow) => this.#answerOf(allow, principal));
  }

  #answerOf(allow: Allow, principal: Principal): boolean {
    try {
      const answer: unknown = allow(principal);
      if (typeof answer === 'boolean') return answer;
      // A rejection that nobody handles would stop the process.
      if (answer instanceof Promise) answer.catch(() => undefined);
      this.#reportOnce(
        `returned ${answer instanceof Promise ? 'a promise' : typeof answer}, not true or false`,
      );
    } catch (error) {
      this.#reportOnce(`threw an error: ${messageOf(error)}`);
    }
    return false;
  }

  #reportOnce(fault: string): void {
    if (this.#isReported) return;
    this.#isReported = true;
    this.report(fault);
  }
}
