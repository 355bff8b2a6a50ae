import { growth, LINEAR } from '../../test/support/growth.js';
import { jsonText } from './json-text.js';

const HIGH = '👍'.charAt(0);
const LOW = '👍'.charAt(1);

describe('jsonText', () => {
  it.each([
    ['a high surrogate at the end', `good ${HIGH}`, 'good \uFFFD'],
    ['a low surrogate at the start', `${LOW} good`, '\uFFFD good'],
    ['two in the wrong order', LOW + HIGH, '\uFFFD\uFFFD'],
    ['one next to a whole emoji', `👍${HIGH}👍`, '👍\uFFFD👍'],
    ['one behind a backslash', `\\${HIGH}`, '\\\uFFFD'],
    ['a whole emoji', 'good 👍', 'good 👍'],
    ['text that looks like an escape', String.raw`\ud83d and \\ud83d`, String.raw`\ud83d and \\ud83d`],
    ['other escapes', 'line\nquote"tab\t\u0001\\', 'line\nquote"tab\t\u0001\\'],
  ])('writes %s so that every parser can read it', (_what, text, expected) => {
    const written = jsonText({ text, [text]: [text] });
    expect(written).not.toMatch(/(?<!\\)(?:\\\\)*\\ud/);
    expect(JSON.parse(written)).toEqual({ text: expected, [expected]: [expected] });
  });

  it('takes linear time', async () => {
    const write = (size: number): string => jsonText(`${'\\'.repeat(size)}${HIGH}`);
    expect(await growth(200_000, write)).toBeLessThan(LINEAR);
  });
});
