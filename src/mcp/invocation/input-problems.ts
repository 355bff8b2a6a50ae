import type { Validate, Validation } from '../catalog/offer.js';
import { Refusal } from './invocation.service.js';

/**
 * Validates what a caller sent.
 *
 * @param what is wrong if it is, such as `The arguments of greet_user`
 * @throws {Refusal} which says what to change
 */
export async function validated(validate: Validate, input: unknown, what: string): Promise<unknown> {
  const outcome = await validate(input);
  if (!outcome.issues) return outcome.value;
  const text = [
    `${what} are not valid. Change them and call again:`,
    ...inWords(outcome.issues).map((problem) => `- ${problem}`),
  ].join('\n');
  throw new Refusal(text, 'invalid_input');
}

/** Each problem with where it is. */
export function inWords(issues: NonNullable<Validation['issues']>): string[] {
  return issues.slice(0, 20).map(({ message, path }) => {
    const where = path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
    return where ? `${where}: ${message}` : message;
  });
}
