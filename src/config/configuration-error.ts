/** One thing that is wrong with the configuration, in words for the person who can change it. */
export interface ConfigurationProblem {
  /** The environment variable to look at. */
  readonly variable: string;
  /** What is wrong with its value. Never the value of a secret. */
  readonly problem: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** Everything that is wrong with the configuration, reported at once. Stops the start. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  /** @param warnings what may explain a problem, such as a misspelled variable */
  constructor(
    readonly problems: readonly ConfigurationProblem[],
    readonly warnings: readonly string[] = [],
  ) {
    super(
      [
        `Aerie cannot start: ${problems.length} configuration problem${problems.length === 1 ? '' : 's'}.`,
        ...problems.map(({ variable, problem, remedy }) => `  ${variable}: ${problem}\n    → ${remedy}`),
        ...warnings.map((warning) => `  Note: ${warning}`),
      ].join('\n'),
    );
  }
}
