import { structureOf } from './json-shape.js';

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

describe('structureOf', () => {
  it('accepts the maximum depth and rejects deeper nesting', () => {
    expect(structureOf(nested(64), 64)).toBeGreaterThan(0);
    expect(structureOf(nested(65), 64)).toBeUndefined();
    expect(structureOf('{"a":'.repeat(65), 64)).toBeUndefined();
    expect(structureOf('[[]],'.repeat(1_000), 2)).toBeGreaterThan(0);
  });

  it.each([
    ['brackets', '[[[['],
    ['brackets after an escaped quote', String.raw`\"[[[[`],
    ['brackets before backslashes', String.raw`[[\\`],
  ])('ignores %s in a string', (_what, text) => {
    expect(structureOf(`["${text}"]`, 1)).toBe(structureOf('[""]', 1));
  });

  it('continues after a string', () => {
    expect(structureOf(String.raw`["\\",[[]]]`, 2)).toBeUndefined();
  });

  it('returns more bytes than the text has for many small values', () => {
    const text = `[${'{},'.repeat(1_000)}{}]`;
    expect(structureOf(text, 64)).toBeGreaterThan(20 * text.length);
    expect(structureOf(`["${'x'.repeat(10_000)}"]`, 64)).toBeLessThan(100);
  });
});
