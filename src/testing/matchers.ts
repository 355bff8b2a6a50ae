import { isRecord } from '../values/is-record.js';
import { RefusedError } from './refused-error.js';
import type { TestCallResult } from './test-client.js';

/** Promise of a request, or a function that makes one. */
type Attempt = Promise<unknown> | (() => Promise<unknown>);

/** Outcome of a matcher of Jest and Vitest. */
interface Verdict {
  readonly pass: boolean;
  readonly message: () => string;
}

/** Types of the {@link matchers}, for the declarations of your test runner. */
export interface AerieMatchers<Result> {
  toBeToolError(expected?: string | RegExp): Result;
  toRequireScopes(...scopes: string[]): Promise<Result>;
}

/**
 * Matchers for `expect.extend()` of Jest and Vitest.
 *
 * ```ts
 * expect.extend(matchers);
 * ```
 */
export const matchers = {
  /** Whether the result of a tool is an error, optionally with this text or a text that matches. */
  toBeToolError(
    { isError, text }: Pick<TestCallResult, 'isError' | 'text'>,
    expected?: string | RegExp,
  ): Verdict {
    const matches =
      expected === undefined || (typeof expected === 'string' ? text === expected : expected.test(text));
    const wanted = expected === undefined ? '' : ` Compared with: ${expected}`;
    return {
      pass: isError === true && matches,
      message: () => `The result is ${isError === true ? 'a tool error' : 'no tool error'}: ${text}${wanted}`,
    };
  },

  /** Whether a request fails because the token lacks these scopes (RFC 6750 §3.1, `insufficient_scope`). */
  async toRequireScopes(received: Attempt, ...scopes: readonly string[]): Promise<Verdict> {
    const { required, result } = await outcomeOf(received);
    return {
      pass: required !== undefined && scopes.every((scope) => required.includes(scope)),
      message: () =>
        required === undefined
          ? `The request does not fail for lack of scopes.${result === undefined ? '' : ` Its result is: ${result}`}`
          : `The request requires the scopes "${required.join(' ')}"; compared with "${scopes.join(' ')}".`,
    };
  },
};

/** Returns the scopes that a request lacks, or else the text of its result. */
async function outcomeOf(
  received: Attempt,
): Promise<{ readonly required?: readonly string[]; readonly result?: string }> {
  try {
    const result = await (typeof received === 'function' ? received() : received);
    return isRecord(result) && typeof result['text'] === 'string' ? { result: result['text'] } : {};
  } catch (error) {
    if (!(error instanceof RefusedError) || error.code !== 'insufficient_scope') throw error;
    return { required: error.scopes };
  }
}
