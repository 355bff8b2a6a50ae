let priority = 0;
let isPrivileged = true;
jest.mock('node:os', () => ({
  ...jest.requireActual<object>('node:os'),
  getPriority: () => priority,
  setPriority: (next: number) => {
    if (next < priority && !isPrivileged) throw new Error('EACCES');
    priority = next;
  },
}));

describe('a process that never sleeps during a load', () => {
  it.each([
    ['has the lowest priority meanwhile', true, [19, 0]],
    ['keeps its priority if it may not raise it again', false, [0, 0]],
  ])('%s', async (_, privileged, expected) => {
    isPrivileged = privileged;
    jest.resetModules();
    const { awakeDuring } = jest.requireActual<typeof import('./awake.js')>('./awake.js');
    let during: number | undefined;
    await awakeDuring(Promise.resolve().then(() => (during = priority)));
    expect([during, priority]).toEqual(expected);
  });
});
