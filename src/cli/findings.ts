import { ConfigurationError } from '../config/configuration-error.js';
import { CatalogError } from '../mcp/catalog/catalog-error.js';
import { startFailure } from '../start-failure.js';

/** What a check found. */
export interface Findings {
  /** Each stops the start. */
  readonly errors: readonly Error[];
  /** Each looks like a mistake but may be meant. */
  readonly warnings: readonly string[];
}

/** One message for all errors, in the words of the start. */
export function messageOf(errors: readonly Error[]): string {
  const settings = errors.filter(isSetting);
  const declarations = errors.filter(isDeclaration);
  const others = errors.filter((error) => !isSetting(error) && !isDeclaration(error));
  return [
    ...(settings.length > 0 ? [new ConfigurationError(settings.flatMap(({ problems }) => problems))] : []),
    ...(declarations.length > 0 ? [new CatalogError(declarations.flatMap(({ problems }) => problems))] : []),
    ...others,
  ]
    .map(startFailure)
    .join('\n');
}

const isSetting = (error: Error): error is ConfigurationError => error instanceof ConfigurationError;

const isDeclaration = (error: Error): error is CatalogError => error instanceof CatalogError;
