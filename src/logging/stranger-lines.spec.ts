import { StrangerLines } from './stranger-lines.js';

describe('StrangerLines', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('admits 600 lines a minute, and afterwards logs how many requests it left out', () => {
    const warn = jest.fn();
    const log = { debug: jest.fn(), info: jest.fn(), warn, error: jest.fn() };
    jest.advanceTimersByTime(100_000);
    const lines = new StrangerLines(log);
    const admitted = (count: number): number =>
      Array.from({ length: count }, () => lines.admit()).filter(Boolean).length;
    expect(admitted(1_000)).toBe(600);
    jest.advanceTimersByTime(61_000);
    expect(warn).not.toHaveBeenCalled();
    expect(admitted(10)).toBe(10);
    expect(warn.mock.calls).toEqual([[{ requests: 400 }, expect.stringContaining('not logged')]]);
    jest.advanceTimersByTime(61_000);
    expect(admitted(1)).toBe(1);
    expect(warn).toHaveBeenCalledTimes(1);
  });
});
