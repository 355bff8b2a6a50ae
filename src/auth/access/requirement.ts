/** Alternatives, any of which is sufficient. An alternative of several names requires all of them. */
export interface AnyOf {
  readonly anyOf: readonly (string | readonly string[])[];
}

/** Names that a caller must have: all names of a list, or any one of several alternatives. */
export type Requirement = readonly string[] | AnyOf;

/** Alternatives, each a list of names that are all required. An empty alternative requires nothing. */
export type Alternatives = readonly (readonly string[])[];

/** Requirement that every caller meets. */
export const NOTHING: Alternatives = [[]];

export function alternativesOf(requirement: Requirement): Alternatives {
  if (!('anyOf' in requirement)) return [requirement];
  return requirement.anyOf.map((alternative) =>
    typeof alternative === 'string' ? [alternative] : alternative,
  );
}

/** Returns the alternatives that satisfy both requirements. */
export function bothOf(one: Alternatives, other: Alternatives): Alternatives {
  return one.flatMap((first) => other.map((second) => [...new Set([...first, ...second])]));
}

/** Formats alternatives for people: `a and b, or c`. */
export function inWords(alternatives: Alternatives): string {
  return alternatives.map((alternative) => alternative.join(' and ')).join(', or ');
}
