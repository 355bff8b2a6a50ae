import { describeArguments } from './describe-arguments.js';

describe('describeArguments', () => {
  const describeWith = (input: Record<string, unknown>, ...patterns: RegExp[]): unknown =>
    describeArguments(patterns)({ input: {}, recordable: () => input });

  it('describes none of a tool that lets none be recorded', () => {
    expect(describeArguments([])({ input: { a: 1 }, recordable: undefined })).toBeUndefined();
  });

  it('replaces each match of a pattern, at any depth', () => {
    const input = {
      note: 'cards 4111111111111111 and 4222222222222222',
      card: 4_111_111_111_111_111,
      nested: [{ '4111111111111111': ['4111111111111111', null, true, 12] }],
    };
    expect(describeWith(input, /\b\d{13,19}\b/g)).toEqual({
      note: 'cards [redacted] and [redacted]',
      card: '[redacted]',
      nested: [{ '[redacted]': ['[redacted]', null, true, 12] }],
    });
  });

  it('shortens what is long, so that records fit into memory', () => {
    const long = 'x'.repeat(1_000_000);
    const described = describeWith({ long, list: [long], short: ['x'] }, /y/g);
    expect(described).toEqual({
      long: `${'x'.repeat(1_024)}…`,
      list: expect.stringMatching(/^\["x{1022}…$/),
      short: ['x'],
    });
  });

  it('copies what a handler may still change', () => {
    const input = { invoice: { id: 'inv_1' }, none: null, left: undefined };
    const described = describeWith(input);
    input.invoice.id = 'inv_2';
    expect(described).toEqual({ invoice: { id: 'inv_1' }, none: null });
  });

  it('shows no start of a match that ends where the text is cut', () => {
    const note = `${'4'.repeat(100)} `.repeat(100); // so many matches that what they leave is short
    expect(describeWith({ note }, /\b\d{100}\b/g)).toEqual({
      note: expect.not.stringMatching(/\d/),
    });
  });
});
