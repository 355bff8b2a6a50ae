/** Any one alternative will do; one of several names needs them all. */
export interface AnyOf {
  readonly anyOf: readonly (string | readonly string[])[];
}

/** What a caller must have: all of a list, or any one of several alternatives. */
export type Requirement = readonly string[] | AnyOf;

/** The alternatives, each a list of all that it takes. One empty alternative: nothing is needed. */
export type Alternatives = readonly (readonly string[])[];

/** Needs nothing. */
export const NOTHING: Alternatives = [[]];

export function alternativesOf(requirement: Requirement): Alternatives {
  if (!('anyOf' in requirement)) return [requirement];
  return requirement.anyOf.map((alternative) =>
    typeof alternative === 'string' ? [alternative] : alternative,
  );
}

/** What satisfies both. */
export function bothOf(one: Alternatives, other: Alternatives): Alternatives {
  return one.flatMap((first) => other.map((second) => [...new Set([...first, ...second])]));
}

/** In words: `a and b, or c`. */
export function inWords(alternatives: Alternatives): string {
  return alternatives.map((alternative) => alternative.join(' and ')).join(', or ');
}
