import leven from 'leven';

/** Finds the known name closest to a misspelled one; undefined if all differ in too many letters. */
export function closestName(name: string, known: Iterable<string>): string | undefined {
  const [nearest] = [...known]
    .map((other) => ({ other, distance: leven(name, other) }))
    .filter(({ other, distance }) => distance <= Math.min(3, other.length / 4))
    .toSorted((a, b) => a.distance - b.distance);
  return nearest?.other;
}

/** Returns a hint at the known name closest to a misspelled one, after a space; empty if there is none. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const meant = closestName(name, known);
  return meant === undefined ? '' : ` Did you mean "${meant}"?`;
}
