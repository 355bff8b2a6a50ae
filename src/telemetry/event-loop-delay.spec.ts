import { createHistogram } from 'node:perf_hooks';

import { EventLoopDelay } from './event-loop-delay.js';

describe('EventLoopDelay', () => {
  let values: ReturnType<typeof createHistogram>;
  let delay: EventLoopDelay;
  beforeEach(() => {
    jest.useFakeTimers();
    values = createHistogram();
    delay = new EventLoopDelay(Object.assign(values, { enable: () => true }));
  });
  afterEach(() => jest.useRealTimers());
  const add = (seconds: number, times = 1): void => {
    for (let time = 0; time < times; time++) values.record(seconds * 1e9);
  };

  it('tells of a single long block, which the percentile does not', () => {
    add(0.011, 1_000);
    add(2);
    expect(delay.max).toBeCloseTo(2, 1);
    expect(delay.p99).toBeCloseTo(0.011, 3);
  });

  it('tells each reader the same, until a full minute without it has passed', () => {
    add(1);
    expect([delay.max, delay.max, delay.p99]).toEqual(
      [1, 1, 1].map((value): number => expect.closeTo(value, 1)),
    );
    jest.advanceTimersByTime(60_000);
    expect(delay.max).toBeCloseTo(1, 1);
    add(0.01);
    jest.advanceTimersByTime(59_000);
    expect(delay.max).toBeCloseTo(1, 1);
    jest.advanceTimersByTime(1_000);
    expect(delay.max).toBeCloseTo(0.01, 3);
    expect(delay.p99).toBeCloseTo(0.01, 3);
  });
});
