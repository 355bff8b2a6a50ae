/** Thrown when the command line is invalid; the message describes the problem. */
export class UsageError extends Error {}

/**
 * Runs a command line parser and converts its errors.
 *
 * @throws {UsageError} with the message of any error that the parser throws
 */
export function understood<Values>(parse: () => Values): Values {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
