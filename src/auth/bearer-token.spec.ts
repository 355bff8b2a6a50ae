import { InvalidRequestError, MissingTokenError } from './auth-errors.js';
import { bearerToken } from './bearer-token.js';

const request = (authorization?: string, url = '/mcp', times = 1): Parameters<typeof bearerToken>[0] => ({
  url,
  headers: authorization === undefined ? {} : { authorization },
  rawHeaders:
    authorization === undefined
      ? []
      : Array.from({ length: times }, () => ['Authorization', authorization]).flat(),
});

describe('bearerToken', () => {
  it.each(['Bearer abc', 'bearer abc', 'BEARER abc', 'Bearer   abc'])('reads %s', (header) => {
    expect(bearerToken(request(header))).toBe('abc');
  });

  it.each([undefined, '', 'Basic abc', 'Bearerabc', 'DPoP abc'])('finds no token in %s', (header) => {
    expect(() => bearerToken(request(header))).toThrow(MissingTokenError);
  });

  it.each(['Bearer', 'Bearer ', 'Bearer a b'])('rejects %s', (header) => {
    expect(() => bearerToken(request(header))).toThrow(InvalidRequestError);
  });

  it('rejects two Authorization headers', () => {
    expect(() => bearerToken(request('Bearer abc', '/mcp', 2))).toThrow(/more than one/);
  });

  it.each(['/mcp?access_token=abc', '/mcp?a=1&access_token=', '/mcp?access%5Ftoken=abc'])(
    'rejects a token in the query string: %s',
    (url) => {
      expect(() => bearerToken(request('Bearer abc', url))).toThrow(/query/);
    },
  );

  it('ignores other query parameters', () => {
    expect(bearerToken(request('Bearer abc', '/mcp?token=x&not_access_token=y'))).toBe('abc');
  });
});
