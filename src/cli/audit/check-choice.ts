import { UsageError } from '../terminal/usage-error.js';

/** @throws {UsageError} when a given value is not one of the choices */
export function checkChoice(option: string, given: string | undefined, choices: readonly string[]): void {
  if (given === undefined || choices.includes(given)) return;
  throw new UsageError(`Unknown ${option} "${given}". Use one of: ${choices.join(', ')}.`);
}
