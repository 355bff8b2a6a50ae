import { Places } from './places.js';

describe('places', () => {
  it('are taken up to the share of a caller, whatever others have', () => {
    const places = new Places(10, 2);
    places.take('a');
    places.take('a');
    expect(places.take('a')).toBe('caller');
    expect(places.take('b')).toEqual(expect.any(Function));
    expect(places.taken).toBe(3);
  });

  it('are taken up to the last', () => {
    const places = new Places(2, 2);
    places.take('a');
    places.take('b');
    expect(places.take('c')).toBe('instance');
  });

  it('can be given back, once', () => {
    const places = new Places(2, 1);
    const leave = places.take('a');
    places.take('b');
    if (typeof leave !== 'function') throw new Error('There was a place.');
    leave();
    leave();
    expect(places.taken).toBe(1);
    expect(places.take('a')).toEqual(expect.any(Function));
    expect(places.take('c')).toBe('instance');
  });
});
