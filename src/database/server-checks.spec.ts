import { type CheckOutcomes, ServerChecks } from './server-checks.js';

const later = (milliseconds: number): Promise<void> => jest.advanceTimersByTimeAsync(milliseconds);

describe('the checks of a server', () => {
  let outcomes: Record<keyof CheckOutcomes, jest.Mock>;
  let answer: { resolve(isAccepted: boolean): void; reject(error: Error): void };
  let checks: ServerChecks;
  const look = jest.fn(() => new Promise<boolean>((resolve, reject) => (answer = { resolve, reject })));
  beforeEach(() => {
    jest.useFakeTimers();
    look.mockClear();
    outcomes = { accepted: jest.fn(), refused: jest.fn(), failed: jest.fn() };
    checks = new ServerChecks({ look }, outcomes);
  });
  afterEach(() => {
    checks.end();
    jest.useRealTimers();
  });
  const told = (): number[] =>
    [outcomes.accepted, outcomes.refused, outcomes.failed].map(({ mock }) => mock.calls.length);

  it('go on after each outcome', async () => {
    await later(1_000);
    answer.resolve(true);
    await later(1_000);
    answer.reject(new Error('refused'));
    await later(1_000);
    expect(look).toHaveBeenCalledTimes(3);
    expect(told()).toEqual([1, 0, 1]);
  });

  it('end when the server does not accept the key', async () => {
    await later(1_000);
    answer.resolve(false);
    await later(5_000);
    expect(told()).toEqual([0, 1, 0]);
    expect(look).toHaveBeenCalledTimes(1);
  });

  it('fail without an answer in time', async () => {
    await later(3_100);
    expect(told()).toEqual([0, 0, 1]);
  });

  it.each([
    ['an answer', () => answer.resolve(true)],
    ['a refusal', () => answer.resolve(false)],
    ['a failure', () => answer.reject(new Error('closed'))],
    ['a timeout', () => undefined],
  ])('do not tell of %s after their end, when another server is in use', async (_outcome, settle) => {
    await later(1_000);
    checks.end();
    settle();
    await later(5_000);
    expect(told()).toEqual([0, 0, 0]);
    expect(look).toHaveBeenCalledTimes(1);
  });
});
