import { messageOf } from '../../values/trace-of.js';

/** Runs a step. Adds its failure to the problems, after the subject, and then returns undefined. */
export function attempt<Result>(subject: string, problems: string[], step: () => Result): Result | undefined {
  try {
    return step();
  } catch (error) {
    problems.push(`${subject} ${messageOf(error)}`);
    return undefined;
  }
}
