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

/** Ratio of two rows that were measured in the same rounds. */
export interface Ratio {
  readonly median: number;
  /** Least and most of all rounds. */
  readonly least: number;
  readonly most: number;
}

/**
 * Compares two rows round by round, because the speed of the machine changes during a run.
 *
 * @param ours values of the rounds; null where the round failed
 * @returns undefined if no round measured both
 */
export function ratioOf(
  ours: readonly (number | null)[],
  theirs: readonly (number | null)[],
): Ratio | undefined {
  const ratios = ours.flatMap((value, round) => {
    const other = theirs[round] ?? null;
    return value === null || other === null ? [] : value / other;
  });
  if (ratios.length === 0) return undefined;
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
}
