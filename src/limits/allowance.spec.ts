import { type Allowance, allowanceOf, refusalOf, tightestOf } from './allowance.js';
import type { Charge } from './charge.js';

const charge = (changes: Partial<Charge> = {}): Charge => ({
  limit: 'caller',
  key: 'caller:x',
  rate: { points: 120, window: 60 },
  points: 1,
  ...changes,
});

describe('allowanceOf', () => {
  it.each([
    [1, 119, false],
    [120, 0, false],
    [121, 0, true],
    [500, 0, true],
  ])('after %d points leaves %d, refused: %s', (consumed, remaining, refused) => {
    expect(allowanceOf(charge(), consumed, 30_000)).toMatchObject({ remaining, refused, reset: 30 });
  });

  it.each([
    [12_001, 13],
    [1, 1],
    [0, 1],
    [-5, 1],
  ])('rounds %d ms up to %d whole seconds', (milliseconds, seconds) => {
    expect(allowanceOf(charge(), 1, milliseconds).reset).toBe(seconds);
  });
});

describe('tightestOf', () => {
  const allowance = (remaining: number, reset: number, refused = false): Allowance => ({
    charge: charge(),
    remaining,
    reset,
    refused,
  });

  it('returns the refusal with the latest reset', () => {
    const longest = allowance(0, 40, true);
    expect(tightestOf([allowance(0, 59), allowance(0, 5, true), longest])).toBe(longest);
  });

  it('without a refusal, returns the allowance with the fewest points and the latest reset', () => {
    const least = allowance(3, 50);
    expect(tightestOf([allowance(9, 59), allowance(3, 10), least])).toBe(least);
    expect(tightestOf([])).toBeUndefined();
  });
});

describe('refusalOf', () => {
  it.each<[Partial<Charge>, string]>([
    [{}, 'The limit of 120 calls per minute for each caller is reached. Try again in 12 s.'],
    [
      { limit: 'organization', rate: { points: 1, window: 1 } },
      'The limit of 1 call per second for each organization is reached. Try again in 12 s.',
    ],
    [
      { limit: 'tool', offer: 'add', rate: { points: 9, window: 3_600 } },
      'The limit of 9 calls per hour for each caller of the tool add is reached. Try again in 12 s.',
    ],
    [
      { points: 150 },
      'This request costs 150, more than the limit of 120 calls per minute for each caller, so waiting does not help. Send fewer messages at once, or ask the operator for a higher limit.',
    ],
  ])('names the limit and the next step: %j', (changes, words) => {
    expect(refusalOf(allowanceOf(charge(changes), 1_000, 11_500))).toBe(words);
  });
});
