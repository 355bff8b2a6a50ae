import { digestOf } from './digest.js';

describe('digestOf', () => {
  it('ignores the order of members at any depth', () => {
    expect(digestOf({ a: 1, b: [{ c: 2, d: 3 }] })).toBe(digestOf({ b: [{ d: 3, c: 2 }], a: 1 }));
  });

  it.each([
    ['the order of a list', [1, 2], [2, 1]],
    ['a type', { a: 1 }, { a: '1' }],
    ['a missing member and null', {}, { a: null }],
    ['a member named __proto__', JSON.parse('{"__proto__":1}'), {}],
    ['the structure', { a: { b: 1 } }, { a: 1, b: 1 }],
  ])('distinguishes %s', (_what, one, other) => {
    expect(digestOf(one)).not.toBe(digestOf(other));
  });
});
