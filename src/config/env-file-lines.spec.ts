import { envFileWarnings } from './env-file-lines.js';

describe('envFileWarnings', () => {
  it('accepts assignments, comments and empty lines', () => {
    const key = 'KEY="-----BEGIN KEY-----\nnot an assignment\n-----END KEY-----" # of the issuer';
    const text = `# a comment\n\n  A=1\r\nexport B = 'it # is'\nC: d\nE=\nF='a "b'\nG="a \\" b"\n${key}\nH=2`;
    expect(envFileWarnings(text)).toEqual([]);
  });

  it('names the lines that set nothing, but not what they contain', () => {
    expect(envFileWarnings('SK_ENV_URL https://acme.example\nA=1\nsecret\n:')).toEqual([
      '.env, line 1 is not NAME=value, so it is ignored.',
      '.env, line 3 is not NAME=value, so it is ignored.',
      '.env, line 4 is not NAME=value, so it is ignored.',
    ]);
  });

  it('names a quotation mark without an end, and goes on after it', () => {
    expect(envFileWarnings('PORT="4000\nB\nC=1')).toEqual([
      '.env, line 1 has a quotation mark without an end.',
      '.env, line 2 is not NAME=value, so it is ignored.',
    ]);
  });
});
