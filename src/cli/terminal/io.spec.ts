import { PassThrough } from 'node:stream';

import { writeJson } from './io.js';

describe('writeJson', () => {
  it('escapes the control characters that JSON allows, without changing the value', () => {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const value = { 'a\u009b': 'b\u007f\u001b\n\t"\\' };
    writeJson({ stdin, stdout, stderr, env: {} }, value);
    const text = String(stdout.read());
    expect(text).toBe(`${String.raw`{"a\u009b":"b\u007f\u001b\n\t\"\\"}`}\n`);
    expect(JSON.parse(text)).toEqual(value);
  });
});
