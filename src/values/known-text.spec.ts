import { knownText, lasting, lastingText } from './known-text.js';

const long = { text: 'ä'.repeat(600) };

describe('lastingText', () => {
  it('writes an object once', () => {
    expect(lastingText(long)).toBe(JSON.stringify(long));
    expect(knownText(long)).toEqual({ text: JSON.stringify(long), isAscii: false });
    expect(knownText({ ...long })).toBeUndefined();
  });

  it.each([{ text: 'short' }, 'a'.repeat(600), null, 1])('does not remember the text of %j', (value) => {
    expect(lastingText(value)).toBe(JSON.stringify(value));
    expect(knownText(value)).toBeUndefined();
  });

  it('remembers no lone surrogates', () => {
    const cut = { text: `${'a'.repeat(600)}\ud83d` };
    lastingText(cut);
    expect(knownText(cut)?.text).toBe(JSON.stringify({ text: `${'a'.repeat(600)}\ufffd` }));
  });
});

describe('lasting', () => {
  it('writes a list when its text is first needed', () => {
    let written = 0;
    const list = lasting([{ toJSON: (): number => ++written }]);
    expect(written).toBe(0);
    const known = { text: '[1]', isAscii: true };
    expect([knownText(list), knownText(list)]).toEqual([known, known]);
  });
});
