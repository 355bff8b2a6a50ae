import type { ScopeHierarchy } from '../../oauth/scope-hierarchy.js';
import { didYouMean } from '../../values/closest-name.js';

/**
 * Finds names in `SCOPE_HIERARCHY` that are not scopes.
 *
 * @param known all scopes of the endpoint
 */
export const hierarchyProblems = (hierarchy: ScopeHierarchy, known: ReadonlySet<string>): string[] =>
  hierarchy
    .unknownAmong(known)
    .map(
      (name) =>
        `SCOPE_HIERARCHY: "${name}" is not a scope that any tool, resource, prompt or route needs.${didYouMean(name, known)} ` +
        "Correct it, or list it in the metadata's scopes_supported or SIGN_IN_SCOPES.",
    );
