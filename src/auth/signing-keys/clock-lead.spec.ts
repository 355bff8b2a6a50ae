import { Logger } from '@nestjs/common';

import { clockLeadOf, clockWarning } from './clock-lead.js';

const NOW = Date.parse('2030-01-01T00:00:00.700Z');
const at = (offsetMs: number): string => new Date(NOW + offsetMs).toUTCString();

describe('clockLeadOf', () => {
  it.each([
    ['the same', 0, 0],
    ['30 s ahead', 30_000, 29_300],
    ['30 s behind', -30_000, -29_700],
  ])('measures a clock that is %s', (_what, offset, lead) => {
    expect(clockLeadOf({ date: at(offset), age: undefined }, NOW, NOW)).toBe(lead);
  });

  it('does not count the duration of the request', () => {
    expect(clockLeadOf({ date: at(-9_000), age: undefined }, NOW - 10_000, NOW)).toBe(0);
    expect(clockLeadOf({ date: at(0), age: undefined }, NOW - 10_000, NOW)).toBe(0);
  });

  it('does not count the time that a cache has kept the response', () => {
    expect(clockLeadOf({ date: at(-600_000), age: '600' }, NOW, NOW)).toBe(0);
  });

  it.each([undefined, '', 'soon', 5])('measures nothing with the date %p', (date) => {
    expect(clockLeadOf({ date, age: undefined }, NOW, NOW)).toBeUndefined();
  });
});

describe('clockWarning', () => {
  it('warns of more than 5 s, once until the clocks agree again', () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const tell = clockWarning(new Logger('Test'));
    [0, 5_000, undefined, 30_000, 31_000].forEach(tell);
    expect(warn.mock.calls).toEqual([[expect.stringContaining('is 30 s ahead of this')]]);
    [0, -6_000].forEach(tell);
    expect(warn).toHaveBeenLastCalledWith(expect.stringContaining('is 6 s behind this'));
    expect(warn).toHaveBeenCalledTimes(2);
  });
});
