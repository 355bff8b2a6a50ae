import { isoTime } from './iso-time.js';

it('formats every time as Date does', () => {
  const now = Date.now();
  const times = [
    0,
    1,
    999,
    1_000,
    now,
    now + 1,
    now + 999,
    now + 1_000,
    now,
    -1,
    -1_000,
    253_402_300_800_000,
  ];
  for (const time of times) expect(isoTime(time)).toBe(new Date(time).toISOString());
});

it('refuses a time that is none, and formats the next one', () => {
  expect(() => isoTime(Number.NaN)).toThrow(RangeError);
  expect(isoTime(5)).toBe('1970-01-01T00:00:00.005Z');
});
