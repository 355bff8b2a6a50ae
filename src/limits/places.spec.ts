import { Places } from './places.js';

describe('Places', () => {
  it('limits each caller, independent of other callers', () => {
    const places = new Places(10, 2);
    places.add('a', 2);
    expect(places.crowdedBy('a', 1)).toBe('caller');
    expect(places.crowdedBy('b', 2)).toBeUndefined();
    expect(places.crowdedBy('b', 3)).toBe('caller');
  });

  it('limits the total', () => {
    const places = new Places(2, 2);
    places.add('a', 1);
    places.add('b', 1);
    expect(places.crowdedBy('c', 1)).toBe('instance');
  });

  it('frees places for a negative amount', () => {
    const places = new Places(2, 1);
    places.add('a', 1);
    places.add('b', 1);
    places.add('a', -1);
    expect(places.taken).toBe(1);
    expect(places.crowdedBy('a', 1)).toBeUndefined();
    expect(places.crowdedBy('b', 1)).toBe('caller');
  });
});
