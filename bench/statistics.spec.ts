import { intervalOfMedian, median, percentile, ratioOf } from './statistics.js';

describe('statistics', () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[7], 7],
  ])('computes the median of %j as %d', (values, middle) => {
    expect(median(values)).toBe(middle);
  });

  it('interpolates a percentile between two values', () => {
    expect(percentile([0, 10], 99)).toBeCloseTo(9.9);
    expect(percentile([5, 1, 3], 100)).toBe(5);
    expect(percentile([], 50)).toBeNaN();
  });

  it('compares two rows round by round, and leaves out rounds that failed', () => {
    // The machine was twice as fast in the second round, and one row failed in the third and fourth.
    expect(ratioOf([60, 120, null, 70], [100, 200, 100, null])).toEqual({
      median: 0.6,
      interval: [0.6, 0.6],
      coverage: 0.5,
    });
    expect(ratioOf([1, 2, 9], [10, 10, 10])).toEqual({ median: 0.2, interval: [0.1, 0.9], coverage: 0.75 });
    expect(ratioOf([null], [1])).toBeUndefined();
  });

  // The ranks of tables for the sign test.
  it.each([
    [5, 1, 0.938],
    [8, 1, 0.992],
    [9, 2, 0.961],
    [11, 2, 0.988],
    [12, 3, 0.961],
    [13, 3, 0.978],
    [15, 4, 0.965],
    [20, 6, 0.959],
    [30, 10, 0.957],
  ])('finds the interval of the median of %d values, and its coverage', (count, rank, probability) => {
    const values = Array.from({ length: count }, (_none, index) => count - index);
    const { interval, coverage } = intervalOfMedian(values);
    expect(interval).toEqual([rank, count + 1 - rank]);
    expect(coverage).toBeCloseTo(probability, 3);
  });
});
