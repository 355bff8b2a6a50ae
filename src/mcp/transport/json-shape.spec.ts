import { structureOf } from './json-shape.js';

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

describe('the structure of a JSON text', () => {
  it('nests as deeply as is allowed, and no deeper', () => {
    expect(structureOf(nested(64), 64)).toBeGreaterThan(0);
    expect(structureOf(nested(65), 64)).toBeUndefined();
    expect(structureOf('{"a":'.repeat(65), 64)).toBeUndefined();
    expect(structureOf('[[]],'.repeat(1_000), 2)).toBeGreaterThan(0);
  });

  it.each([
    ['brackets', '[[[['],
    ['escaped quotes', String.raw`\"[[[[`],
    ['backslashes at its end', String.raw`[[\\`],
  ])('does not count a string of %s', (_what, text) => {
    expect(structureOf(`["${text}"]`, 1)).toBe(structureOf('[""]', 1));
  });

  it('goes on after a string', () => {
    expect(structureOf(String.raw`["\\",[[]]]`, 2)).toBeUndefined();
  });

  it('costs more than its text where it is made of little parts', () => {
    const text = `[${'{},'.repeat(1_000)}{}]`;
    expect(structureOf(text, 64)).toBeGreaterThan(20 * text.length);
    expect(structureOf(`["${'x'.repeat(10_000)}"]`, 64)).toBeLessThan(100);
  });
});
