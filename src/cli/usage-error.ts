/** The command was not understood; what is wrong, in words. */
export class UsageError extends Error {}

/**
 * Has a parser of the command line complain in its own words.
 *
 * @throws {UsageError} for whatever it throws
 */
export function understood<Values>(parse: () => Values): Values {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
