import { parseTokenCommand } from './token-command.js';
import { UsageError } from '../terminal/usage-error.js';

const SIGN = ['--key', 'k.pem', '--issuer', 'me', '--audience', 'a', '--subject', 's'];
const HOUR = { text: '1h', milliseconds: 3_600_000 };

describe('npm run token', () => {
  it('signs a token of the embedded issuer by default', () => {
    expect(parseTokenCommand([])).toEqual({
      do: 'development',
      user: 'alice',
      scope: undefined,
      expires: HOUR,
    });
    expect(parseTokenCommand(['--help'])).toEqual({ do: 'help' });
  });

  it('signs with an own key', () => {
    expect(parseTokenCommand(SIGN)).toEqual({
      do: 'sign',
      keyFile: 'k.pem',
      issuer: 'me',
      audiences: ['a'],
      subject: 's',
      client: undefined,
      organization: undefined,
      scopes: [],
      expires: HOUR,
      claims: {},
    });
    const further = ['--scopes', 'read, write admin', '--audience', 'b', '--expires', '2h', '--client', 'c'];
    const claims = ['--claim', 'level=3', '--claim', 'tier=gold', '--claim', 'https://a.b/x=["p=q"]'];
    expect(parseTokenCommand([...SIGN, ...further, ...claims, '--organization', 'o'])).toMatchObject({
      audiences: ['a', 'b'],
      scopes: ['read', 'write', 'admin'],
      expires: { milliseconds: 7_200_000 },
      client: 'c',
      organization: 'o',
      claims: { level: 3, tier: 'gold', 'https://a.b/x': ['p=q'] },
    });
  });

  it('verifies a token', () => {
    const command = { do: 'verify', token: 't', keyFile: 'k.pem', issuers: undefined, audiences: undefined };
    expect(parseTokenCommand(['--verify', 't', '--key', 'k.pem'])).toEqual(command);
    expect(
      parseTokenCommand(['--verify', '-', '--key', 'k.pem', '--issuer', 'me', '--audience', 'a']),
    ).toEqual({ ...command, token: '-', issuers: ['me'], audiences: ['a'] });
  });

  it.each([
    ['only a key', ['--key', 'k.pem'], /--issuer is missing/],
    ['no key', SIGN.slice(2), /--key is missing/],
    ['no audience', ['--key', 'k', '--issuer', 'i', '--subject', 's'], /--audience is missing/],
    ['an empty subject', [...SIGN, '--subject', ' '], /--subject is missing/],
    ['a user of the embedded issuer', [...SIGN, '--user', 'alice'], /--user cannot be combined/],
    ['the other option for scopes', [...SIGN, '--scope', 'read'], /--scope cannot be combined/],
    ['an invalid lifetime', [...SIGN, '--expires', 'ever'], /"ever"/],
    ['a claim without a value', [...SIGN, '--claim', 'level'], /name=value/],
    ['a claim that has its own option', [...SIGN, '--claim', 'sub=root'], /cannot set "sub"/],
    [
      'a claim that is derived from other options',
      [...SIGN, '--claim', 'exp=9999999999'],
      /cannot set "exp"/,
    ],
    ['a token without a key', ['--verify', 't'], /--key is missing/],
    [
      'a token to verify together with claims to sign',
      ['--verify', 't', '--key', 'k', '--subject', 's'],
      /--subject cannot be combined/,
    ],
    ['an unknown option', ['--color', 'red'], /color/],
  ])('rejects %s', (_what, parameters, message) => {
    expect(() => parseTokenCommand(parameters)).toThrow(UsageError);
    expect(() => parseTokenCommand(parameters)).toThrow(message);
  });
});
