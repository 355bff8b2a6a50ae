import { describeToken, type TokenContents } from './token-words.js';

const token = (claims: object): TokenContents => ({ header: { alg: 'RS256' }, claims });
const NOW = Date.UTC(2030, 0, 1);
const seconds = NOW / 1000;

describe('describeToken', () => {
  it('lists the header and the claims', () => {
    expect(describeToken(token({ sub: 's', aud: ['a'], exp: seconds + 7_200, iat: seconds - 90 }), NOW)).toBe(
      [
        'Header',
        '  "alg": "RS256"',
        'Claims',
        '  "sub": "s"',
        '  "aud": ["a"]',
        `  "exp": ${seconds + 7_200} (2030-01-01T02:00:00.000Z, in 2 hours)`,
        `  "iat": ${seconds - 90} (2029-12-31T23:58:30.000Z, 1 minute ago)`,
      ].join('\n'),
    );
  });

  it.each([
    [{ exp: 1e300 }, '"exp": 1e+300'],
    [{ exp: 'soon' }, '"exp": "soon"'],
    [{ exp: seconds }, 'in 0 seconds'],
    [{ nbf: seconds + 172_800 }, 'in 2 days'],
    [{ '\u001b[2J': '\u001b]0;x\u0007' }, String.raw`"\u001b[2J": "\u001b]0;x\u0007"`],
  ])('describes %j', (claims, text) => {
    expect(describeToken(token(claims), NOW)).toContain(text);
  });
});
