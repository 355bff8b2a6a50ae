import { parse } from 'dotenv';

import { envFileWarnings } from './env-file-lines.js';

describe('envFileWarnings', () => {
  it('accepts assignments, comments and empty lines', () => {
    const key = 'KEY="-----BEGIN KEY-----\nnot an assignment\n-----END KEY-----" # of the issuer';
    const text = `# a comment\n\n  A=1\r\nexport B = 'it # is'\nC: d\nE=\nF='a "b'\nG="a \\" b"\n${key}\nH=2`;
    expect(envFileWarnings(text)).toEqual([]);
  });

  it('names the lines that set nothing, but not what they contain', () => {
    expect(envFileWarnings('SK_ENV_URL https://acme.example\nA=1\nsecret\n:')).toEqual([
      '.env, line 1 is neither NAME=value nor NAME: value, so it is ignored.',
      '.env, line 3 is neither NAME=value nor NAME: value, so it is ignored.',
      '.env, line 4 is neither NAME=value nor NAME: value, so it is ignored.',
    ]);
  });

  it('names values with a quotation mark that does not end them, and goes on after them', () => {
    const begins =
      'begins a value with a quotation mark that does not end it, so the mark is part of the value.';
    expect(envFileWarnings('\nPORT="4000\nB\nHOST="x"\nA="x" y\nC=1\nD=`')).toEqual([
      `.env, line 2 ${begins}`,
      '.env, line 3 is neither NAME=value nor NAME: value, so it is ignored.',
      `.env, line 5 ${begins}`,
      `.env, line 7 ${begins}`,
    ]);
  });

  it('reads marks, colons and broken lines as the parser does', () => {
    const text = 'A="C:\\data\\"\nPORT:\nHOST=a\nB=\n"x"\nexport C=1';
    expect(Object.keys(parse(text))).toEqual(['A', 'PORT', 'B', 'C']);
    expect(envFileWarnings(text)).toEqual([]);
    expect(parse('PORT : 1')).toEqual({});
    expect(envFileWarnings('PORT : 1')).toHaveLength(1);
  });
});
