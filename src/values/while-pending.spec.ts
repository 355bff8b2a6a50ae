import { whilePending } from './while-pending.js';

describe('whilePending', () => {
  it('begins once for callers at the same time, and again after the end', async () => {
    let begun = 0;
    const begin = (): Promise<number> => Promise.resolve(++begun);
    const run = whilePending(begin);
    expect(await Promise.all([run(), run()])).toEqual([1, 1]);
    expect(await run()).toBe(2);
  });

  it('begins again after a failure, which all callers got', async () => {
    const begin = jest.fn<Promise<string>, []>().mockRejectedValueOnce(new Error('failed'));
    begin.mockResolvedValueOnce('done');
    const run = whilePending(begin);
    const outcomes = await Promise.allSettled([run(), run()]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await run()).toBe('done');
    expect(begin).toHaveBeenCalledTimes(2);
  });
});
