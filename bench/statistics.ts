/** The middle of the values, or between the two that are; NaN of none. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** @param share 0 to 100; between two values, what lies between them in proportion */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = ((sorted.length - 1) * share) / 100;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}
