import { BodyDecoder, TooManyChunks } from './body-decoder.js';

/** Decodes bytes in chunks of this size, and counts the decoded parts. */
function decode(bytes: Buffer, size: number): { text: string; parts: number } {
  const decoder = new BodyDecoder();
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += size) parts.push(decoder.write(bytes.subarray(at, at + size)));
  parts.push(decoder.end());
  return { text: parts.join(''), parts: parts.filter((part) => part !== '').length };
}

describe('BodyDecoder', () => {
  const text = `{"name":"${'Zoë 🙂'.repeat(20_000)}"}`;
  const bytes = Buffer.from(text);

  it.each([64, 71, 1_000, 16_383, 16_384, 16_385, 50_000, 1_000_000])(
    'reads the same text from chunks of %i bytes',
    (size) => {
      expect(decode(bytes, size).text).toBe(text);
    },
  );

  it('decodes characters that are split between small chunks', () => {
    expect(decode(Buffer.from('{"name":"Zoë 🙂"}'), 1).text).toBe('{"name":"Zoë 🙂"}');
  });

  it('rejects too many small chunks', () => {
    expect(() => decode(bytes, 1)).toThrow(TooManyChunks);
  });

  it('combines many chunks into few parts', () => {
    expect(decode(bytes, 64).parts).toBeLessThan(bytes.length / 16_000 + 3);
  });

  it('keeps large and small chunks in order', () => {
    const decoder = new BodyDecoder();
    const [a, b, c] = ['a', 'b', 'c'].map((letter) => Buffer.from(letter));
    const large = Buffer.alloc(20_000, 'x');
    const read = [a, b, large, c].map((chunk) => decoder.write(chunk ?? large)).join('') + decoder.end();
    expect(read).toBe(`ab${'x'.repeat(20_000)}c`);
  });

  it('pays for each chunk before keeping it', () => {
    const paid: number[] = [];
    const decoder = new BodyDecoder((size) => {
      if (size > 2) throw new Error('Too much.');
      paid.push(size);
    });
    decoder.write(Buffer.from('ab'));
    expect(() => decoder.write(Buffer.from('abc'))).toThrow('Too much.');
    expect(paid).toEqual([2]);
    expect(decoder.end()).toBe('');
  });
});
