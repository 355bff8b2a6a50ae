import type { JestEnvironment, JestEnvironmentConfig } from '@jest/environment';

type Environment = new (config: JestEnvironmentConfig) => JestEnvironment;

const SharedRealmEnvironment = jest.requireActual<Environment>('./environment.cjs');
const CONFIG = { projectConfig: { globals: {}, fakeTimers: {} } } as JestEnvironmentConfig;

describe('SharedRealmEnvironment', () => {
  it('hides from the next spec what a spec leaves in globals, variables, listeners and timers', async () => {
    const before = new SharedRealmEnvironment(CONFIG);
    const { fetch } = before.global;
    Object.assign(before.global, { left: true, fetch: () => undefined, setTimeout: () => undefined });
    before.global.process.env['LEFT'] = 'yes';
    before.global.process.on('SIGUSR2', () => undefined);
    before.fakeTimersModern?.useFakeTimers();
    await before.teardown();

    const { global } = new SharedRealmEnvironment(CONFIG);
    expect(global).toBe(before.global);
    expect(global).not.toHaveProperty('left');
    expect(global.fetch).toBe(fetch);
    expect(global.setTimeout).not.toHaveProperty('clock');
    expect(global.process.env).not.toHaveProperty('LEFT');
    expect(global.process.listenerCount('SIGUSR2')).toBe(0);
  });
});
