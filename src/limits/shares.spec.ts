import { Shares } from './shares.js';

describe('Shares', () => {
  let shares: Shares<number>;
  const over = (asker: string): number[] => [...shares.largestOver(asker)];
  beforeEach(() => {
    shares = new Shares();
    for (const holder of [1, 2, 3]) shares.add('large', holder);
    shares.add('small', 4);
  });

  it('returns the holders of the largest organization to smaller ones, oldest first', () => {
    expect(over('new')).toEqual([1, 2, 3]);
    expect(over('small')).toEqual([1, 2, 3]);
    expect(over('large')).toEqual([]);
  });

  it('returns nobody to an organization with nearly as many, so that a place does not go back and forth', () => {
    shares.remove('large', 1);
    shares.add('small', 5);
    expect(over('large')).toEqual([]);
    expect(over('small')).toEqual([]);
    expect(over('new')).toEqual([2, 3]);
  });

  it('returns nobody when each organization holds one place', () => {
    for (const holder of [1, 2]) shares.remove('large', holder);
    expect(over('new')).toEqual([]);
  });

  it('removes a holder once', () => {
    expect(shares.remove('small', 4)).toBe(true);
    expect(shares.remove('small', 4)).toBe(false);
  });
});
