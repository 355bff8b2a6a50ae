import { foreignConstructs, patternFault } from './patterns.js';

describe('a pattern', () => {
  it.each([String.raw`^\d{3}\-\d+$`, '[', String.raw`\_`, 'a{2', String.raw`\p{Nope}`])(
    'is invalid if it does not compile with the flag u: %s',
    (pattern) => {
      expect(patternFault(pattern)).toMatch(/Invalid regular expression/);
    },
  );

  it.each([String.raw`^\d{3}-\d+$`, String.raw`[\-a]`, String.raw`^\p{L}+$`, ''])(
    'is valid if it compiles with the flag u: %s',
    (pattern) => {
      expect(patternFault(pattern)).toBeUndefined();
    },
  );

  it.each([
    ['a character class by property', String.raw`^\P{Cc}*$`, 'Python'],
    ['a binary property', String.raw`\p{Emoji}`, 'Python Go'],
    ['a script', String.raw`\p{Script=Greek}`, 'Python Go'],
    ['a named group', '(?<year>[0-9]{4})', 'Python'],
    ['a reference to a named group', String.raw`(?<q>['"])x\k<q>`, 'Python Go'],
    ['a code point in braces', String.raw`\u{1F600}`, 'Python Go'],
    ['a code unit', String.raw`\u00e9`, 'Go'],
    ['a control letter', String.raw`\cJ`, 'Python Go'],
    ['a lookahead', '^(?=.*[0-9])[a-z0-9]+$', 'Go'],
    ['a negative lookahead', '^(?!x)', 'Go'],
    ['a lookbehind of fixed width', '(?<=ab)c', 'Go'],
    ['a lookbehind of any width', '(?<!a+)c', 'Python Go'],
    ['a back reference', String.raw`(['"])x\1`, 'Go'],
    ['a repetition beyond a thousand', 'a{1,2000}', 'Go'],
    ['an empty class', '[^]', 'Python Go'],
  ])('compiles only in some engines if it has %s', (_what, pattern, engines) => {
    expect(patternFault(pattern)).toBeUndefined();
    const foreign = foreignConstructs(pattern);
    expect(
      [foreign.some(({ python }) => python) && 'Python', foreign.some(({ go }) => go) && 'Go']
        .filter(Boolean)
        .join(' '),
    ).toBe(engines);
  });

  it.each([
    String.raw`^[A-Za-z0-9_.+\-]+@[a-z]{2,}(?:\.[a-z]+)*$`,
    String.raw`^\d{4}-\d\d(?:\.\d+)?[(?=]\\p{2}$`,
    String.raw`[(?<!](?:a|b)*?\/\x41\b`,
    'a{0,1000}',
  ])('compiles in every engine otherwise: %s', (pattern) => {
    expect(patternFault(pattern)).toBeUndefined();
    expect(foreignConstructs(pattern)).toEqual([]);
  });
});
