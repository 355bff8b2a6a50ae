import { print } from './print.js';

const DESCRIBED = 'docs/benchmark.md describes all flags, below "Measure it again".';

/**
 * Reads the flags of a command. Ends the process with `--help`, and with code 2 if they are invalid.
 *
 * @param read throws an error with a sentence for the user
 */
export function flags<Flags>(read: () => Flags): Flags {
  if (process.argv.includes('--help')) {
    print(DESCRIBED);
    return process.exit(0);
  }
  try {
    return read();
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    print(`${problem}\n${DESCRIBED}`);
    return process.exit(2);
  }
}

/** @throws {Error} if the value is not a positive integer */
export function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} ${text} is not a positive integer.`);
  return value;
}
