import { parseDuration, parseRate, parseSize } from './units.js';

describe('units', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['10 m', 600_000],
    ['24H', 86_400_000],
    ['7d', 604_800_000],
  ])('parses the duration %s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', '0s', '10', 's', '-1s', '1.5h', '10mb', '25d', '1e3s'])(
    'rejects the duration "%s"',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  it.each([
    ['1b', 1],
    ['512kb', 524_288],
    ['1MB', 1_048_576],
  ])('parses the size %s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', '0kb', '10', '1gb', '30s'])('rejects the size "%s"', (text) => {
    expect(parseSize(text)).toBeUndefined();
  });
});

describe('rates', () => {
  it.each([
    ['120/min', { points: 120, window: 60 }],
    ['10/s', { points: 10, window: 1 }],
    ['1000/H', { points: 1_000, window: 3_600 }],
  ])('parses the rate %s', (text, rate) => {
    expect(parseRate(text)).toEqual(rate);
  });

  it.each(['', '120', '0/min', '-1/s', '1/d', '1.5/s', '10 / min'])('rejects the rate "%s"', (text) => {
    expect(parseRate(text)).toBeUndefined();
  });
});
