import { printable } from './printable.js';

describe('printable', () => {
  it('escapes control characters of a server, but not line breaks and tabs', () => {
    expect(printable('a\u001b[2Jb\u009bc\n\td\u007f')).toBe('a\\u001b[2Jb\\u009bc\n\td\\u007f');
  });

  it('keeps the line breaks of Windows, but escapes a carriage return alone, which overwrites its line', () => {
    expect(printable('a\r\nb\rc\r\r\n')).toBe('a\r\nb\\u000dc\\u000d\r\n');
  });
});
