import { aPrincipal } from '../../../test/support/principal.js';
import type { Principal } from '../../auth/principal.js';
import { ByteBudget } from '../../limits/byte-budget.js';
import { type ListenerPlace, ListenerPlaces } from './listener-places.js';

const LISTEN = { jsonrpc: '2.0', id: 7, method: 'subscriptions/listen', params: { notifications: {} } };
const TO_A_LONG_URI = { ...LISTEN, params: { notifications: { resourceSubscriptions: ['long://uri'] } } };
const REFUSED = 'Too many streams on this server are in use.';

describe('ListenerPlaces', () => {
  const of = (organizationId: string, subject = 'usr_1'): Principal =>
    aPrincipal({ organizationId, subject });
  const ended: string[] = [];
  let places: ListenerPlaces;
  const open = (principal: Principal): ListenerPlace => {
    const place = places.take(principal, LISTEN);
    place.accept();
    return place;
  };
  const fill = (): void => {
    for (const subject of ['usr_1', 'usr_2', 'usr_3']) {
      open(of('org_large', subject)).whenGivenUp(() => void ended.push(subject));
    }
  };
  beforeEach(() => {
    ended.length = 0;
    const kept = new ByteBudget({ instance: 1, caller: 100 }, 0);
    places = new ListenerPlaces({ instance: 3, caller: 2 }, kept);
  });

  it('gives the place of the oldest stream of the largest organization to a smaller one', () => {
    fill();
    open(of('org_small'));
    expect([ended, places.taken]).toEqual([['usr_1'], 3]);
    expect(() => places.take(of('org_small', 'usr_2'), LISTEN)).toThrow(REFUSED);
    expect(() => places.take(of('org_large', 'usr_4'), LISTEN)).toThrow(REFUSED);
    expect(ended).toEqual(['usr_1']);
  });

  it('ends no stream for a request that is refused for another reason', () => {
    fill();
    expect(() => places.take(of('org_small'), TO_A_LONG_URI)).toThrow('The resource URIs are too long.');
    expect([ended, places.taken]).toEqual([[], 3]);
  });

  it('frees a place once, also if its stream closes after it was given up', () => {
    const first = open(of('org_large'));
    first.giveUp();
    first.release();
    first.release();
    expect(places.taken).toBe(0);
  });

  it('ends no stream for requests that are still being checked, or turn out to be invalid', () => {
    fill();
    const invalid = [places.take(of('org_small'), LISTEN), places.take(of('org_other'), LISTEN)];
    expect([ended, places.taken]).toEqual([[], 5]);
    invalid.forEach((place) => place.release());
    expect([ended, places.taken]).toEqual([[], 3]);
  });

  it('refuses a valid request if the largest organization has become small meanwhile', () => {
    fill();
    const late = places.take(of('org_small', 'usr_2'), LISTEN);
    open(of('org_small'));
    expect(() => late.accept()).toThrow(REFUSED);
    late.release();
    expect([ended, places.taken]).toEqual([['usr_1'], 3]);
  });
});
