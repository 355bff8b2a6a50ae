import { describeArguments } from './describe-arguments.js';

describe('describeArguments', () => {
  const describeWith = (input: unknown, loggable: readonly string[], ...patterns: RegExp[]): unknown =>
    describeArguments(patterns)({ input, loggable });

  it('selects the declared arguments', () => {
    expect(describeWith({ a: 1, b: 2 }, ['a', 'c'])).toEqual({ a: 1 });
    expect(describeWith({ a: 1 }, [])).toBeUndefined();
    expect(describeWith(7, ['a'])).toBeUndefined();
    expect(describeWith({}, ['toString', '__proto__'])).toEqual({});
  });

  it('replaces each match of a pattern, at any depth', () => {
    const input = {
      note: 'cards 4111111111111111 and 4222222222222222',
      card: 4_111_111_111_111_111,
      nested: [{ '4111111111111111': ['4111111111111111', null, true, 12] }],
    };
    expect(describeWith(input, Object.keys(input), /\b\d{13,19}\b/g)).toEqual({
      note: 'cards [redacted] and [redacted]',
      card: '[redacted]',
      nested: [{ '[redacted]': ['[redacted]', null, true, 12] }],
    });
  });

  it('shortens what is long, so that records fit into memory', () => {
    const long = 'x'.repeat(1_000_000);
    const described = describeWith({ long, list: [long], short: ['x'] }, ['long', 'list', 'short'], /y/g);
    expect(described).toEqual({
      long: `${'x'.repeat(1_024)}…`,
      list: expect.stringMatching(/^\["x{1022}…$/),
      short: ['x'],
    });
  });

  it('shows no start of a match that ends where the text is cut', () => {
    const note = `${'4'.repeat(100)} `.repeat(100); // so many matches that what they leave is short
    expect(describeWith({ note }, ['note'], /\b\d{100}\b/g)).toEqual({
      note: expect.not.stringMatching(/\d/),
    });
  });
});
