import { ConfigurationError, type ConfigurationProblem } from '../../config/configuration-error.js';
import { CatalogError } from '../../mcp/catalog/catalog-error.js';
import { startFailure } from '../../start-failure.js';

/** Result of a check. */
export interface CheckFindings {
  /** Errors that make startup fail, or that keep the audit trail from working. */
  readonly errors: readonly Error[];
  /** Settings that look like mistakes but may be intended. */
  readonly warnings: readonly string[];
}

/** Combines all errors into one message, in the format of a failed start. */
export function reportOf(errors: readonly Error[]): string {
  const settings = errors.filter(isSetting);
  const declarations = errors.filter(isDeclaration);
  const others = errors.filter((error) => !isSetting(error) && !isDeclaration(error));
  return [
    ...(settings.length > 0
      ? [
          new ConfigurationError(
            settings.flatMap(({ problems }) => problems),
            settings.flatMap(notesOf),
          ),
        ]
      : []),
    ...(declarations.length > 0 ? [new CatalogError(declarations.flatMap(({ problems }) => problems))] : []),
    ...others,
  ]
    .map(startFailure)
    .join('\n');
}

/** Problem in a form for programs. */
export type Problem = Partial<ConfigurationProblem> & Pick<ConfigurationProblem, 'problem'>;

/** Returns each problem that an error reports. */
export function problemsOf(error: Error): readonly Problem[] {
  if (isSetting(error)) return error.problems;
  return isDeclaration(error) ? error.problems.map((problem) => ({ problem })) : [{ problem: error.message }];
}

/** Returns hints that may explain an error. */
export const notesOf = (error: Error): readonly string[] => (isSetting(error) ? error.warnings : []);

const isSetting = (error: Error): error is ConfigurationError => error instanceof ConfigurationError;

const isDeclaration = (error: Error): error is CatalogError => error instanceof CatalogError;
