import { type CheckOutcomes, ServerChecks } from './server-checks.js';

const later = (milliseconds: number): Promise<void> => jest.advanceTimersByTimeAsync(milliseconds);

describe('the checks of a server', () => {
  let outcomes: jest.Mocked<CheckOutcomes>;
  let answer: { resolve(): void; reject(error: Error): void };
  let checks: ServerChecks;
  const look = jest.fn(() => new Promise<void>((resolve, reject) => (answer = { resolve, reject })));
  beforeEach(() => {
    jest.useFakeTimers();
    look.mockClear();
    outcomes = { answered: jest.fn(), failed: jest.fn() };
    checks = new ServerChecks({ look }, outcomes);
  });
  afterEach(() => {
    checks.end();
    jest.useRealTimers();
  });
  const told = (): number[] => [outcomes.answered.mock.calls.length, outcomes.failed.mock.calls.length];

  it('go on after each outcome', async () => {
    await later(1_000);
    answer.resolve();
    await later(1_000);
    answer.reject(new Error('refused'));
    await later(1_000);
    expect(look).toHaveBeenCalledTimes(3);
    expect(told()).toEqual([1, 1]);
  });

  it('fail without an answer in time', async () => {
    await later(3_100);
    expect(told()).toEqual([0, 1]);
  });

  it.each([
    ['an answer', () => answer.resolve()],
    ['a failure', () => answer.reject(new Error('closed'))],
    ['a timeout', () => undefined],
  ])('do not tell of %s after their end, when another server is in use', async (_outcome, settle) => {
    await later(1_000);
    checks.end();
    settle();
    await later(5_000);
    expect(told()).toEqual([0, 0]);
    expect(look).toHaveBeenCalledTimes(1);
  });
});
