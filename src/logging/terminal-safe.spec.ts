import { Writable } from 'node:stream';

import { pino } from 'pino';
import pretty from 'pino-pretty';

import { terminalSafe, withoutRawControls } from './terminal-safe.js';

/** Returns the terminal output for a line with this text and member. */
async function shown(text: string, member: string): Promise<string> {
  let output = '';
  const destination = new Writable({
    write: (chunk, _encoding, done) => {
      output += String(chunk);
      done();
    },
  });
  const stream = pretty({ colorize: false, singleLine: true, destination });
  pino({}, { write: (line: string) => void stream.write(terminalSafe(line)) }).error(
    { member, err: { type: 'Error', message: text, stack: `${text}\n    at f` } },
    text,
  );
  await new Promise((resolve) => stream.end(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  return output;
}

describe('terminalSafe', () => {
  it.each([
    ['\u001b[2J', '\\u001b[2J'],
    ['\u0000\u0007\b\f\r', '\\u0000\\u0007\\b\\f\\r'],
    ['\u007f\u009b31m', '\\u007f\\u009b31m'],
    ['\\u001b \\\u001b', '\\u001b \\\\u001b'],
    ['a "quoted" \\ back\\\\slash, é, 日本, 😀', 'a "quoted" \\ back\\\\slash, é, 日本, 😀'],
  ])('shows %j as text', async (text, expected) => {
    const output = await shown(text, text);
    expect(output).toContain(expected);
    expect(output.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  it('keeps line breaks and tabs', async () => {
    expect(await shown('one\n\ttwo', 'x')).toContain('one\n\ttwo');
  });
});

describe('withoutRawControls', () => {
  it('escapes the control characters that pino keeps, without changing the decoded text', () => {
    const text = '\u001b[2J \u007f \u0080 \u009b31m \u009f é \u00a0 日本 "quoted" \\u009b';
    let line = '';
    pino({}, { write: (written: string) => void (line = withoutRawControls(written)) }).error({ text }, text);
    expect(line.trimEnd()).not.toMatch(/\p{Cc}/u);
    expect(JSON.parse(line)).toMatchObject({ text, msg: text });
  });
});
