/** Median of the values; NaN without values. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/**
 * Percentile of the values, interpolated between neighbors; NaN without values.
 *
 * @param share 0 to 100
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = ((sorted.length - 1) * share) / 100;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}
