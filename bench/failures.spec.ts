import { Failures } from './failures.js';

describe('a run of the benchmark', () => {
  beforeEach(() => void jest.spyOn(process.stdout, 'write').mockReturnValue(true));

  it('goes on after a part that fails, and ends with exit code 1', async () => {
    const failures = new Failures();
    const cause = new Error('ECONNREFUSED');
    const failed = failures.attempt('a row', 1, () => Promise.reject(new Error('No answer.', { cause })));
    await expect(failed).resolves.toBeUndefined();
    await expect(failures.attempt('the next row', 1, () => Promise.resolve(7))).resolves.toBe(7);
    expect(failures.all).toEqual(['a row: No answer. ECONNREFUSED']);
    expect(failures.report()).toBe(1);
  });

  it('goes on after a part that never ends', async () => {
    const failures = new Failures();
    await failures.attempt('a row', 0.01, () => new Promise(() => undefined));
    expect(failures.all).toEqual(['a row: It did not end within 0.01 s.']);
  });

  it.each([
    ['fails', 1, () => Promise.reject(new Error('No answer.'))],
    ['is late', 0.01, () => new Promise(() => undefined)],
  ])('ends a part that %s', async (_, limit, work) => {
    let signal: AbortSignal | undefined;
    await new Failures().attempt('a row', limit, (ended) => {
      signal = ended;
      return work();
    });
    expect(signal?.aborted).toBe(true);
  });

  it('ends with exit code 0 without failures', () => {
    expect(new Failures().report()).toBe(0);
  });
});
