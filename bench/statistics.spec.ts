import { median, percentile, ratioOf } from './statistics.js';

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
      least: 0.6,
      most: 0.6,
    });
    expect(ratioOf([1, 2, 9], [10, 10, 10])).toEqual({ median: 0.2, least: 0.1, most: 0.9 });
    expect(ratioOf([null], [1])).toBeUndefined();
  });
});
