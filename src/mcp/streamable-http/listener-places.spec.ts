import { aPrincipal } from '../../../test/support/principal.js';
import type { Principal } from '../../auth/principal.js';
import { ByteBudget } from '../../limits/byte-budget.js';
import { ListenerPlaces } from './listener-places.js';

const LISTEN = { jsonrpc: '2.0', id: 7, method: 'subscriptions/listen', params: { notifications: {} } };
const TO_A_LONG_URI = { ...LISTEN, params: { notifications: { resourceSubscriptions: ['long://uri'] } } };
const REFUSED = 'Too many streams on this server are in use.';

describe('ListenerPlaces', () => {
  const of = (organizationId: string, subject = 'usr_1'): Principal =>
    aPrincipal({ organizationId, subject });
  const ended: string[] = [];
  let places: ListenerPlaces;
  const fill = (): void => {
    for (const subject of ['usr_1', 'usr_2', 'usr_3']) {
      places.take(of('org_large', subject), LISTEN).whenGivenUp(() => void ended.push(subject));
    }
  };
  beforeEach(() => {
    ended.length = 0;
    const kept = new ByteBudget({ instance: 1, caller: 100 }, 0);
    places = new ListenerPlaces({ instance: 3, caller: 2 }, kept);
  });

  it('gives the place of the oldest stream of the largest organization to a smaller one', () => {
    fill();
    places.take(of('org_small'), LISTEN);
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
    const first = places.take(of('org_large'), LISTEN);
    first.giveUp();
    first.release();
    first.release();
    expect(places.taken).toBe(0);
  });

  it('ends a stream whose place was given up before it began', () => {
    const place = places.take(of('org_large'), LISTEN);
    place.giveUp();
    place.whenGivenUp(() => void ended.push('late'));
    expect(ended).toEqual(['late']);
  });
});
