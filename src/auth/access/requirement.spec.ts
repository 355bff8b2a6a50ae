import { alternativesOf, bothOf, inWords, NOTHING } from './requirement.js';

describe('a requirement', () => {
  it('that is a list has one alternative, which needs all names', () => {
    expect(alternativesOf(['a', 'b'])).toEqual([['a', 'b']]);
  });

  it('that is anyOf has an alternative for each name or list', () => {
    expect(alternativesOf({ anyOf: ['a', ['b', 'c']] })).toEqual([['a'], ['b', 'c']]);
  });

  it('combines with another to all pairs of their alternatives, without repeated names', () => {
    expect(bothOf([['a'], ['b']], [['b'], ['c', 'd']])).toEqual([
      ['a', 'b'],
      ['a', 'c', 'd'],
      ['b'],
      ['b', 'c', 'd'],
    ]);
  });

  it('is unchanged by a requirement that every caller meets', () => {
    expect(bothOf(NOTHING, [['a'], ['b']])).toEqual([['a'], ['b']]);
  });

  it('reads as a sentence', () => {
    expect(inWords([['a', 'b'], ['c']])).toBe('a and b, or c');
  });
});
