import { DeadlineError, withDeadline } from './deadline.js';

const never = (): Promise<never> => new Promise(() => undefined);

describe('withDeadline', () => {
  const caller = (): AbortController => new AbortController();

  it('passes on what comes in time', async () => {
    expect(await withDeadline(1_000, caller().signal, () => 'done')).toBe('done');
    await expect(withDeadline(1_000, caller().signal, () => Promise.reject(new Error('x')))).rejects.toThrow(
      'x',
    );
  });

  it('ends what does not, and fires its signal', async () => {
    let signal: AbortSignal | undefined;
    const call = withDeadline(10, caller().signal, (given) => {
      signal = given();
      return never();
    });
    await expect(call).rejects.toThrow(DeadlineError);
    expect(signal?.aborted).toBe(true);
  });

  it('gives a signal that has fired to what asks for it afterwards', async () => {
    let later: (() => AbortSignal) | undefined;
    const run = (given: () => AbortSignal): Promise<never> => {
      later = given;
      return never();
    };
    await expect(withDeadline(10, caller().signal, run)).rejects.toThrow(DeadlineError);
    expect(later?.().reason).toBeInstanceOf(DeadlineError);
    const gone = caller();
    const call = withDeadline(10_000, gone.signal, run);
    gone.abort(new Error('gone'));
    await expect(call).rejects.toThrow('gone');
    expect(later?.().reason).toEqual(new Error('gone'));
  });

  it('ends when the caller goes away', async () => {
    const gone = caller();
    const call = withDeadline(10_000, gone.signal, never);
    gone.abort(new Error('gone'));
    await expect(call).rejects.toThrow('gone');
  });

  it('does not begin for a caller that is gone', async () => {
    const run = jest.fn();
    await expect(withDeadline(1_000, AbortSignal.abort(), run)).rejects.toThrow(/aborted/);
    expect(run).not.toHaveBeenCalled();
  });

  it('lets what fails after its end fail in silence', async () => {
    const call = withDeadline(5, caller().signal, (given) => {
      const signal = given();
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    });
    await expect(call).rejects.toThrow(DeadlineError);
    const late = withDeadline(
      5,
      caller().signal,
      () => new Promise((_resolve, reject) => setTimeout(() => reject(new Error('late')), 15)),
    );
    await expect(late).rejects.toThrow(DeadlineError);
    await new Promise((resolve) => setTimeout(resolve, 30));
  });
});
