import { aPrincipal } from '../../test/support/principal.js';
import { followSteps, type Step } from '../logging/steps.js';
import type { IssuerVerifier } from './issuer-verifier.js';
import { TrustedIssuers } from './trusted-issuers.js';
import { VerifiedTokens } from './verified-tokens.js';

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
const token = (payload: object): string => `${encode({ alg: 'RS256' })}.${encode(payload)}.c2ln`;

describe('TrustedIssuers', () => {
  let asked: string[];
  const verified = new VerifiedTokens(60_000);
  let meanwhile: () => void;
  const verifier = (name: string, ...issuers: string[]): IssuerVerifier => ({
    issuers,
    signingKeys: undefined,
    verify: async (_token, { issuer }) => {
      asked.push(`${name} ${issuer}`);
      await Promise.resolve();
      meanwhile();
      return aPrincipal();
    },
  });
  const trusted = new TrustedIssuers(
    [verifier('a', 'https://a.example', 'https://a.example/resources/r'), verifier('b', 'machines')],
    verified,
  );
  beforeEach(() => {
    asked = [];
    meanwhile = () => undefined;
    verified.clear();
  });

  it('calls the verifier of the issuer', async () => {
    await trusted.verify(token({ iss: 'machines' }));
    await trusted.verify(token({ iss: 'https://a.example/resources/r' }));
    expect(asked).toEqual(['b machines', 'a https://a.example/resources/r']);
  });

  it.each([
    ['another issuer', { iss: 'https://c.example' }],
    ['an issuer with a trailing slash', { iss: 'https://a.example/' }],
    ['an issuer in different case', { iss: 'Machines' }],
    ['no issuer', {}],
    ['an inherited object property', { iss: 'constructor' }],
  ])('calls no verifier for %s', async (_what, payload) => {
    await expect(trusted.verify(token(payload))).rejects.toThrow('The access token is from another issuer.');
    expect(asked).toEqual([]);
  });

  it.each(['', 'a.b', 'a.b.c', token([])])('rejects %j as malformed', async (text) => {
    await expect(trusted.verify(text)).rejects.toThrow('The access token is not a JWT.');
  });

  it('verifies a token once while it is cached', async () => {
    for (let round = 0; round < 3; round++) await trusted.verify(token({ iss: 'machines' }));
    expect(asked).toHaveLength(1);
  });

  it('tells of each verification, also of a token that no issuer is asked about', async () => {
    const steps: Pick<Step, 'name' | 'reason'>[] = [];
    const unfollow = followSteps(({ name, reason }) => void steps.push({ name, reason }));
    await trusted.verify(token({ iss: 'machines' }));
    await trusted.verify(token({ iss: 'machines' })); // cached
    await expect(trusted.verify('a.b')).rejects.toThrow('The access token is not a JWT.');
    await expect(trusted.verify(token({ iss: 'https://c.example' }))).rejects.toThrow('another issuer');
    unfollow();
    expect(steps).toEqual([
      { name: 'verify token', reason: undefined },
      { name: 'verify token', reason: 'malformed' },
      { name: 'verify token', reason: 'wrong_issuer' },
    ]);
  });

  it('does not cache a token if the keys changed during its verification', async () => {
    meanwhile = () => verified.clear();
    await trusted.verify(token({ iss: 'machines' }));
    await trusted.verify(token({ iss: 'machines' }));
    expect(asked).toHaveLength(2);
  });
});
