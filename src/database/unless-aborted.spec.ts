import { unlessAborted } from './unless-aborted.js';

const never = new Promise<never>(() => undefined);

describe('unlessAborted', () => {
  it('settles like the promise', async () => {
    const { signal } = new AbortController();
    expect(await unlessAborted(Promise.resolve(1), signal)).toBe(1);
    await expect(unlessAborted(Promise.reject(new Error('x')), signal)).rejects.toThrow('x');
  });

  it('rejects when the signal fires, or has already fired', async () => {
    const controller = new AbortController();
    const waiting = unlessAborted(never, controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(unlessAborted(never, controller.signal)).rejects.toThrow('enough');
  });

  it('handles a rejection after the signal', async () => {
    const late = new Promise<never>((_resolve, reject) => setTimeout(() => reject(new Error('late')), 5));
    await expect(unlessAborted(late, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    await new Promise((resolve) => setTimeout(resolve, 20));
  });
});
