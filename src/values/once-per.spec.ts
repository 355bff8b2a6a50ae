import { oncePer } from './once-per.js';

describe('oncePer', () => {
  afterEach(() => void jest.useRealTimers());

  it('is true at first, and then once in each interval', () => {
    jest.useFakeTimers();
    const isTime = oncePer(1_000);
    const looks = [0, 999, 1, 999, 5_000, 0].map((pause) => {
      jest.advanceTimersByTime(pause);
      return isTime();
    });
    expect(looks).toEqual([true, false, true, false, true, false]);
  });
});
