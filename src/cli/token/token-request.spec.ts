import { UsageError } from '../terminal/usage-error.js';
import { type TokenOptions, tokenRequest } from './token-request.js';

const SIGN = { key: 'k.pem', issuer: 'me', audience: ['a'], subject: 's' };
const HOUR = { text: '1h', milliseconds: 3_600_000 };

describe('tokenRequest', () => {
  it('asks for a token of the embedded issuer by default', () => {
    expect(tokenRequest({})).toEqual({
      do: 'development',
      user: 'alice',
      scope: undefined,
      expires: undefined,
    });
  });

  it('asks for a token of an own key', () => {
    expect(tokenRequest(SIGN)).toEqual({
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
    expect(
      tokenRequest({
        ...SIGN,
        audience: ['a', 'b'],
        scopes: 'read, write admin',
        expires: '2h',
        client: 'c',
        organization: 'o',
        claim: ['level=3', 'tier=gold', 'https://a.b/x=["p=q"]'],
      }),
    ).toMatchObject({
      audiences: ['a', 'b'],
      scopes: ['read', 'write', 'admin'],
      expires: { milliseconds: 7_200_000 },
      client: 'c',
      organization: 'o',
      claims: { level: 3, tier: 'gold', 'https://a.b/x': ['p=q'] },
    });
  });

  it('asks for the verification of a token', () => {
    const request = {
      do: 'verify',
      token: 't',
      keyFile: 'k.pem',
      issuers: undefined,
      audiences: undefined,
      json: false,
    };
    expect(tokenRequest({ verify: 't', key: 'k.pem' })).toEqual(request);
    expect(tokenRequest({ verify: '-', key: 'k.pem', issuer: 'me', audience: ['a'] })).toEqual({
      ...request,
      token: '-',
      issuers: ['me'],
      audiences: ['a'],
    });
  });

  it.each<[string, TokenOptions, RegExp]>([
    ['only a key', { key: 'k.pem' }, /--issuer is missing/],
    ['no key', { issuer: 'me', audience: ['a'], subject: 's' }, /--key is missing/],
    ['JSON of a token that it signs', { ...SIGN, json: true }, /--json cannot be combined/],
    ['no audience', { key: 'k', issuer: 'i', subject: 's' }, /--audience is missing/],
    ['an empty subject', { ...SIGN, subject: ' ' }, /--subject is missing/],
    ['a user of the embedded issuer', { ...SIGN, user: 'alice' }, /--user cannot be combined/],
    ['a scope that is none', { scope: 'a"b' }, /--scope "a"b" is not a list of scopes/],
    ['scopes that are none', { ...SIGN, scopes: 'a,"b' }, /--scopes "a "b" is not a list of scopes/],
    ['the other option for scopes', { ...SIGN, scope: 'read' }, /--scope cannot be combined/],
    ['an invalid lifetime', { ...SIGN, expires: 'ever' }, /"ever"/],
    ['a claim without a value', { ...SIGN, claim: ['level'] }, /name=value/],
    ['a claim that has its own option', { ...SIGN, claim: ['sub=root'] }, /cannot set "sub"/],
    ['a claim that is derived from other options', { ...SIGN, claim: ['exp=9'] }, /cannot set "exp"/],
    [
      'a token without a key',
      { verify: 't' },
      /--key is missing\. Name the file of the public key.*doctor <url> --token/,
    ],
    [
      'a token to verify together with claims to sign',
      { verify: 't', key: 'k', subject: 's' },
      /--subject cannot be combined/,
    ],
  ])('rejects %s', (_what, options, message) => {
    expect(() => tokenRequest(options)).toThrow(UsageError);
    expect(() => tokenRequest(options)).toThrow(message);
  });
});
