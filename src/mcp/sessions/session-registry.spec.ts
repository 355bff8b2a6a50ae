import { aPrincipal } from '../../../test/support/principal.js';
import type { Configuration } from '../../config/configuration.js';
import { type OpenSession, SessionRegistry } from './session-registry.js';

const IDLE_TIMEOUT_MS = 10_000;
const sessions = {
  enabled: true,
  instance: 'here',
  max: 10,
  maxPerCaller: 10,
  idleTimeout: IDLE_TIMEOUT_MS,
};

class FakeSession implements OpenSession {
  busy = false;
  readonly attended = false;
  renew(): void {}
  endAbandoned(): void {}
  drain(): void {}
  end(): void {}
}

describe('SessionRegistry', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('ends a session after the idle timeout since the end of its last call', () => {
    const registry = new SessionRegistry({ sessions } as unknown as Configuration);
    const session = new FakeSession();
    registry.add('id', aPrincipal(), session);
    session.busy = true;
    jest.advanceTimersByTime(0.9 * IDLE_TIMEOUT_MS);
    session.busy = false;
    registry.touch('id');
    jest.advanceTimersByTime(0.9 * IDLE_TIMEOUT_MS);
    expect(registry.size).toBe(1);
    jest.advanceTimersByTime(0.3 * IDLE_TIMEOUT_MS);
    expect(registry.size).toBe(0);
  });

  it('keeps a session with a call that runs longer than the idle timeout', () => {
    const registry = new SessionRegistry({ sessions } as unknown as Configuration);
    const session = new FakeSession();
    registry.add('id', aPrincipal(), session);
    session.busy = true;
    jest.advanceTimersByTime(3 * IDLE_TIMEOUT_MS);
    expect(registry.size).toBe(1);
    registry.end('id');
  });
});
