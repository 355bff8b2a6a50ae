import { median, percentile } from './statistics.js';

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
});
