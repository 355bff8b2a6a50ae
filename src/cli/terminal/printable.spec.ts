import { printable } from './printable.js';

describe('printable', () => {
  it('escapes control characters of a server, but not line breaks and tabs', () => {
    expect(printable('a\u001b[2Jb\u009bc\n\td\u007f')).toBe('a\\u001b[2Jb\\u009bc\n\td\\u007f');
  });
});
