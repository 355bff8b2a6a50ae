import { DeadlineError } from '../failures/deadline-error.js';
import { withDeadline } from './deadline.js';

const never = (): Promise<never> => new Promise(() => undefined);

describe('withDeadline', () => {
  const caller = (): AbortController => new AbortController();

  it('passes on a result or an error in time', async () => {
    expect(await withDeadline(1_000, caller().signal, () => 'done')).toBe('done');
    await expect(withDeadline(1_000, caller().signal, () => Promise.reject(new Error('x')))).rejects.toThrow(
      'x',
    );
  });

  it('rejects after the deadline and aborts the signal', async () => {
    let signal: AbortSignal | undefined;
    const call = withDeadline(10, caller().signal, (given) => {
      signal = given();
      return never();
    });
    await expect(call).rejects.toThrow(DeadlineError);
    expect(signal?.aborted).toBe(true);
  });

  it('returns an aborted signal after the end', async () => {
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

  it('rejects when the caller disconnects', async () => {
    const gone = caller();
    const call = withDeadline(10_000, gone.signal, never);
    gone.abort(new Error('gone'));
    await expect(call).rejects.toThrow('gone');
  });

  it('does not start for a disconnected caller', async () => {
    const run = jest.fn();
    await expect(withDeadline(1_000, AbortSignal.abort(), run)).rejects.toThrow(/aborted/);
    expect(run).not.toHaveBeenCalled();
  });

  it('ignores a failure after the end', async () => {
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
