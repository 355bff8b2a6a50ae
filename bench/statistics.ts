/** Median of the values; NaN without values. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** Median of the values that are known; null if none is. */
export function medianOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : median(known);
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
  readonly interval: readonly [number, number];
  /** Probability that the interval contains the true median, 0 to 1; see {@link intervalOfMedian}. */
  readonly coverage: number;
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
  return { median: median(ratios), ...intervalOfMedian(ratios) };
}

/** Probability that an interval contains the true median, unless there are too few values. */
export const COVERAGE = 0.95;

/**
 * Returns the interval that contains the true median with a probability of at least 95 %. Up to five values have no such
 * interval, so that it reaches from the least to the most of them: of five, 93.75 %.
 *
 * Each value is as likely below the true median as above. So the number of values below it has a binomial distribution,
 * which tells how many of the extreme values can be left out. That holds for any distribution of the values.
 */
export function intervalOfMedian(values: readonly number[]): Pick<Ratio, 'interval' | 'coverage'> {
  const sorted = values.toSorted((a, b) => a - b);
  const count = sorted.length;
  let leftOut = 0;
  // Probability that exactly `leftOut` values are below the true median, and that the interval contains it.
  let exactly = 0.5 ** count;
  let coverage = 1 - 2 * exactly;
  for (;;) {
    exactly *= (count - leftOut) / (leftOut + 1);
    if (coverage - 2 * exactly < COVERAGE) break;
    coverage -= 2 * exactly;
    leftOut++;
  }
  return { interval: [sorted[leftOut] ?? NaN, sorted[count - 1 - leftOut] ?? NaN], coverage };
}
