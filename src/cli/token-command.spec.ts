import { parseTokenCommand } from './token-command.js';
import { UsageError } from './usage-error.js';

const SIGN = ['--key', 'k.pem', '--issuer', 'me', '--audience', 'a', '--subject', 's'];
const HOUR = { text: '1h', milliseconds: 3_600_000 };

describe('npm run token', () => {
  it('is for the embedded issuer where nothing else is said', () => {
    expect(parseTokenCommand([])).toEqual({
      do: 'development',
      user: 'alice',
      scope: undefined,
      expires: HOUR,
    });
    expect(parseTokenCommand(['--help'])).toEqual({ do: 'help' });
  });

  it('signs with a key of one’s own', () => {
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

  it('verifies', () => {
    const command = { do: 'verify', token: 't', keyFile: 'k.pem', issuers: undefined, audiences: undefined };
    expect(parseTokenCommand(['--verify', 't', '--key', 'k.pem'])).toEqual(command);
    expect(
      parseTokenCommand(['--verify', '-', '--key', 'k.pem', '--issuer', 'me', '--audience', 'a']),
    ).toEqual({ ...command, token: '-', issuers: ['me'], audiences: ['a'] });
  });

  it.each([
    ['a key and nothing else', ['--key', 'k.pem'], /--issuer is missing/],
    ['no key', SIGN.slice(2), /--key is missing/],
    ['no audience', ['--key', 'k', '--issuer', 'i', '--subject', 's'], /--audience is missing/],
    ['an empty subject', [...SIGN, '--subject', ' '], /--subject is missing/],
    ['a user of the embedded issuer', [...SIGN, '--user', 'alice'], /--user does not go/],
    ['the other option for scopes', [...SIGN, '--scope', 'read'], /--scope does not go/],
    ['a lifetime that is none', [...SIGN, '--expires', 'ever'], /"ever"/],
    ['a claim without a value', [...SIGN, '--claim', 'level'], /name=value/],
    ['a claim that has its own option', [...SIGN, '--claim', 'sub=root'], /cannot set "sub"/],
    ['a claim that follows from others', [...SIGN, '--claim', 'exp=9999999999'], /cannot set "exp"/],
    ['a token without a key', ['--verify', 't'], /--key is missing/],
    ['a token and what to sign', ['--verify', 't', '--key', 'k', '--subject', 's'], /--subject does not go/],
    ['an unknown option', ['--colour', 'red'], /colour/],
  ])('refuses %s', (_what, parameters, message) => {
    expect(() => parseTokenCommand(parameters)).toThrow(UsageError);
    expect(() => parseTokenCommand(parameters)).toThrow(message);
  });
});
