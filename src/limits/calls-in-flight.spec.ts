import { aPrincipal } from '../../test/support/principal.js';
import type { Principal } from '../auth/principal.js';
import { Reloads } from '../config/reloads.js';
import { loadConfiguration } from '../config/load-configuration.js';
import { CallsInFlight, type CrowdedBy, type Place } from './calls-in-flight.js';

const ACME = 'org_acme';
const [alice, carol, bob, nobody] = [
  aPrincipal({ organizationId: ACME, subject: 'alice' }),
  aPrincipal({ organizationId: ACME, subject: 'carol' }),
  aPrincipal({ organizationId: 'org_globex', subject: 'bob' }),
  aPrincipal({ organizationId: undefined, subject: 'nobody' }),
];

describe('calls in flight', () => {
  let calls: CallsInFlight;
  let reloads: Reloads;
  const start = (instance: number, organization: number, caller: number): void => {
    reloads = new Reloads();
    calls = new CallsInFlight(
      loadConfiguration({
        MAX_CALLS_IN_FLIGHT: String(instance),
        MAX_CALLS_IN_FLIGHT_PER_ORGANIZATION: String(organization),
        MAX_CALLS_IN_FLIGHT_PER_CALLER: String(caller),
      }),
      reloads,
    );
  };
  const enter = (principal: Principal): Place => {
    const place = calls.enter(principal);
    if (typeof place === 'string') throw new Error(place);
    return place;
  };
  /** Enters and takes places for this number of calls. Returns which limit refuses them. */
  const take = (principal: Principal, count = 1): CrowdedBy | undefined => {
    const place = enter(principal);
    const crowdedBy = place.take(count);
    if (crowdedBy) place.keep(0);
    return crowdedBy;
  };

  it('are limited for each caller, each organization and the instance', () => {
    start(5, 3, 2);
    expect(take(alice, 2)).toBeUndefined();
    expect(take(alice)).toBe('caller');
    expect(take(carol)).toBeUndefined();
    expect(take(carol)).toBe('organization');
    expect(take(bob)).toBeUndefined();
    expect(take(nobody)).toBeUndefined();
    expect(take(nobody)).toBe('instance');
  });

  it('free their places when they end', () => {
    start(5, 3, 3);
    const place = enter(alice);
    expect(place.take(3)).toBeUndefined();
    place.keep(1);
    expect(take(alice, 2)).toBeUndefined();
    expect(take(alice)).toBe('organization');
    place.keep(0);
    expect(take(alice)).toBeUndefined();
  });

  it('count equal subjects of different issuers and organizations separately', () => {
    start(100, 3, 3);
    const admin = { subject: 'admin' };
    take(aPrincipal(admin), 3);
    expect(take(aPrincipal(admin))).toBe('organization');
    for (const other of [{ issuer: 'https://other.example' }, { organizationId: ACME }]) {
      expect(take(aPrincipal({ ...admin, ...other }))).toBeUndefined();
    }
  });

  it('of a batch are accepted all or none', () => {
    start(5, 3, 3);
    expect(take(alice, 2)).toBeUndefined();
    expect(take(alice, 2)).toBe('organization');
    expect(take(alice)).toBeUndefined();
  });

  it('leave a reserve for messages such as cancellations', () => {
    start(1, 1, 1);
    take(alice);
    const place = enter(alice);
    expect(place.take(0)).toBeUndefined();
    expect(calls.enter(alice)).toBe('instance');
    place.keep(0);
    enter(alice);
    expect(calls.taken).toBe(2);
  });

  it('leave the reserve when an ordinary place has become free', () => {
    start(1, 1, 1);
    const first = enter(alice);
    const second = enter(alice);
    first.keep(0);
    expect(second.take(1)).toBeUndefined();
    enter(alice);
    second.keep(0);
    expect(calls.taken).toBe(1);
  });

  it('free their places while they wait for their clients', () => {
    start(1, 1, 1);
    const place = enter(alice);
    place.take(1);
    expect(place.pause()).toBeUndefined();
    expect([calls.taken, calls.waiting]).toEqual([0, 1]);
    const other = enter(alice);
    expect(other.take(1)).toBeUndefined();
    expect(place.resume()).toBe('instance');
    other.keep(0);
    expect(place.resume()).toBeUndefined();
    expect([calls.taken, calls.waiting]).toEqual([1, 0]);
  });

  it('are limited in number while they wait for their clients', () => {
    start(1, 1, 1);
    const first = enter(alice);
    first.pause();
    const second = enter(alice);
    expect(second.pause()).toBe('instance');
    first.keep(0);
    expect(calls.waiting).toBe(0);
    expect(second.pause()).toBeUndefined();
  });

  it('get a place to resume while the request with the answer is served', () => {
    start(1, 1, 1);
    const place = enter(alice);
    place.take(1);
    place.pause();
    const answer = enter(alice);
    expect(answer.take(0)).toBeUndefined();
    expect(place.resume()).toBeUndefined();
    answer.keep(0);
    place.keep(0);
    expect([calls.taken, calls.waiting]).toEqual([0, 0]);
  });

  it('adopt changed limits, while calls keep their places', () => {
    start(10, 10, 2);
    expect(take(alice, 2)).toBeUndefined();
    const use = (caller: string): string[] =>
      reloads.apply(
        loadConfiguration({ MAX_CALLS_IN_FLIGHT: '10', MAX_CALLS_IN_FLIGHT_PER_CALLER: caller }),
        ['MAX_CALLS_IN_FLIGHT_PER_CALLER', 'PORT'],
      );
    expect(use('3')).toEqual(['PORT']);
    expect(take(alice)).toBeUndefined();
    use('1');
    expect(take(alice)).toBe('caller');
    expect(take(bob)).toBeUndefined();
  });
});
