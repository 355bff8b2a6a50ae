/** Configuration problem, described for the operator. */
export interface ConfigurationProblem {
  /** Environment variable to check. */
  readonly variable: string;
  /** Description of the problem. Must not contain the value of a secret. */
  readonly problem: string;
  /** How to fix the problem. */
  readonly remedy: string;
}

/** Thrown at startup; lists every configuration problem. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  /** @param warnings hints that may explain a problem, such as a misspelled variable */
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
