/** Configuration problem, described for the operator. */
export interface ConfigurationProblem {
  /** Environment variable to check. */
  readonly variable: string;
  /** Description of the problem. Must not contain the value of a secret. */
  readonly problem: string;
  /** How to fix the problem. */
  readonly remedy: string;
}

/**
 * Thrown at startup; lists every configuration problem. Its message is all that an operator needs, so nothing else is
 * printed where it is not caught: neither a stack nor the same problems again.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  declare readonly problems: readonly ConfigurationProblem[];
  declare readonly warnings: readonly string[];

  /** @param warnings hints that may explain a problem, such as a misspelled variable */
  constructor(problems: readonly ConfigurationProblem[], warnings: readonly string[] = []) {
    super(
      [
        `Aerie cannot start: ${problems.length} configuration problem${problems.length === 1 ? '' : 's'}.`,
        ...problems.map(({ variable, problem, remedy }) => `  ${variable}: ${problem}\n    → ${remedy}`),
        ...warnings.map((warning) => `  Note: ${warning}`),
      ].join('\n'),
    );
    Object.defineProperties(this, {
      name: { enumerable: false },
      stack: { value: `${this.name}: ${this.message}`, writable: true, configurable: true },
      problems: { value: problems, enumerable: false },
      warnings: { value: warnings, enumerable: false },
    });
  }
}
