import { aPrincipal } from '../../../test/support/principal.js';
import type { Principal } from '../../auth/principal.js';
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
  isRunning = false;
  attended = false;
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

  describe('when the instance is full', () => {
    const of = (organizationId: string, subject = 'usr_1'): Principal =>
      aPrincipal({ organizationId, subject });
    let registry: SessionRegistry;
    let held: FakeSession[];
    beforeEach(() => {
      registry = new SessionRegistry({ sessions: { ...sessions, max: 3 } } as unknown as Configuration);
      held = [1, 2, 3].map((number) => {
        const session = new FakeSession();
        registry.add(`large-${number}`, of('org_large', `usr_${number}`), session);
        jest.advanceTimersByTime(1);
        return session;
      });
    });
    afterEach(() => registry.onApplicationShutdown());
    const kept = (): number[] =>
      [1, 2, 3].filter((number) => registry.has(`large-${number}`, of('org_large', `usr_${number}`)));

    it('ends the least recently used session of the largest organization for a smaller one', () => {
      registry.touch('large-1');
      registry.makeRoom(of('org_small'));
      expect(kept()).toEqual([1, 3]);
    });

    it('refuses the largest organization, and one with nearly as many sessions', () => {
      const refused = 'Too many sessions are open on this server.';
      expect(() => registry.makeRoom(of('org_large', 'usr_4'))).toThrow(refused);
      registry.makeRoom(of('org_small'));
      registry.add('small', of('org_small'), new FakeSession());
      expect(() => registry.makeRoom(of('org_small', 'usr_2'))).toThrow(refused);
      expect(() => registry.makeRoom(of('org_large', 'usr_4'))).toThrow(refused);
    });

    it('first ends sessions without a client, then those without a call', () => {
      Object.assign(held[0]!, { busy: true });
      Object.assign(held[1]!, { attended: true });
      registry.makeRoom(of('org_small'));
      expect(kept()).toEqual([1, 2]);
      registry.add('other', of('org_other'), new FakeSession());
      registry.makeRoom(of('org_small'));
      expect(kept()).toEqual([1]);
    });

    it('ends a session whose call waits for its client after those without a call', () => {
      Object.assign(held[0]!, { busy: true });
      Object.assign(held[1]!, { busy: true, isRunning: true });
      registry.makeRoom(of('org_small'));
      expect(kept()).toEqual([1, 2]);
      registry.add('other', of('org_other'), new FakeSession());
      registry.makeRoom(of('org_small'));
      expect(kept()).toEqual([2]);
    });

    it('never ends a session with a running call', () => {
      for (const session of held) Object.assign(session, { busy: true, isRunning: true });
      expect(() => registry.makeRoom(of('org_small'))).toThrow('Too many sessions are open on this server.');
      expect(kept()).toEqual([1, 2, 3]);
    });
  });
});
