/** @throws {Error} when a given value is not one of the choices */
export function checkChoice(option: string, given: string | undefined, choices: readonly string[]): void {
  if (given === undefined || choices.includes(given)) return;
  throw new Error(`Unknown ${option} "${given}". Use one of: ${choices.join(', ')}.`);
}
