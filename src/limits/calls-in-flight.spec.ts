import { loadConfiguration } from '../config/load-configuration.js';
import type { Principal } from '../auth/principal.js';
import { aPrincipal } from '../../test/support/principal.js';
import { CallsInFlight } from './calls-in-flight.js';

const caller = (organizationId: string | undefined): Principal => aPrincipal({ organizationId });
const [acme, globex, nobody] = [caller('org_acme'), caller('org_globex'), caller(undefined)];

function enter(calls: CallsInFlight, principal: Principal, count = 1): () => void {
  const entered = calls.enter(principal, count);
  if (typeof entered === 'string') throw new Error(entered);
  return entered;
}

describe('CallsInFlight', () => {
  let calls: CallsInFlight;
  beforeEach(() => {
    calls = new CallsInFlight(
      loadConfiguration({ MAX_CALLS_IN_FLIGHT: '5', MAX_CALLS_IN_FLIGHT_PER_ORGANIZATION: '3' }),
    );
  });

  it('limits an organisation, and leaves room for others', () => {
    enter(calls, acme, 3);
    expect(calls.enter(acme, 1)).toBe('organization');
    enter(calls, globex);
    enter(calls, nobody);
    expect(calls.enter(globex, 1)).toBe('instance');
    expect(calls.enter(nobody, 1)).toBe('instance');
  });

  it('does not let equal names of another issuer or organization take its places', () => {
    const admin = { subject: 'admin' };
    enter(calls, aPrincipal(admin), 3);
    expect(calls.enter(aPrincipal(admin), 1)).toBe('organization');
    for (const other of [{ issuer: 'https://other.example' }, { organizationId: 'org_acme' }]) {
      expect(calls.enter(aPrincipal({ ...admin, ...other }), 1)).toEqual(expect.any(Function));
    }
  });

  it('makes room when calls end', () => {
    const leave = enter(calls, acme, 3);
    leave();
    expect(typeof calls.enter(acme, 3)).toBe('function');
  });

  it('takes the calls of a batch in together or not at all', () => {
    enter(calls, acme, 2);
    expect(calls.enter(acme, 2)).toBe('organization');
    enter(calls, acme, 1);
  });
});
