import { toPrincipal } from './access-token-claims.js';

const CLAIMS = {
  sub: 'usr_1',
  client_id: 'm2m_1',
  oid: 'org_1',
  org_id: 'org_older',
  scope: 'a b',
  scopes: ['b', 'c'],
  roles: ['admin'],
  permissions: ['p'],
  jti: 'tkn_1',
  sid: 'ses_1',
  iat: 1_699_996_400,
  exp: 1_700_000_000,
};
const ISSUER = 'https://acme.scalekit.com';
const HOUR = 3_600_000;

describe('toPrincipal', () => {
  it('reads the claims of a Scalekit token', () => {
    expect(toPrincipal(ISSUER, CLAIMS, HOUR)).toMatchObject({
      issuer: ISSUER,
      subject: 'usr_1',
      clientId: 'm2m_1',
      organizationId: 'org_1',
      scopes: ['a', 'b', 'c'],
      roles: ['admin'],
      permissions: ['p'],
      tokenId: 'tkn_1',
      sessionId: 'ses_1',
      issuedAt: 1_699_996_400,
      expiresAt: 1_700_000_000,
      kind: 'person',
    });
  });

  it('recognizes a machine by equal subject and client id', () => {
    expect(toPrincipal(ISSUER, { ...CLAIMS, sub: 'm2m_1' }, HOUR).kind).toBe('machine');
  });

  it('accepts a minimal token and ignores claims of the wrong type', () => {
    const principal = toPrincipal(
      ISSUER,
      { sub: 'usr_1', iat: 0, exp: 1, scope: 7, scopes: 'a b', oid: null, roles: { a: 1 } },
      HOUR,
    );
    expect(principal).toMatchObject({
      clientId: undefined,
      kind: 'person',
      organizationId: undefined,
      scopes: [],
      roles: [],
    });
  });

  it.each([
    ['no subject', { ...CLAIMS, sub: undefined }, /no subject/],
    ['an empty subject', { ...CLAIMS, sub: '' }, /no subject/],
    ['no expiry', { ...CLAIMS, exp: undefined }, /no expiry/],
    ['an expiry that is not a number', { ...CLAIMS, exp: '2030' }, /no expiry/],
    ['no issue time', { ...CLAIMS, iat: undefined }, /no issue time/],
    ['an issue time that is not a number', { ...CLAIMS, iat: '2030' }, /no issue time/],
    [
      'a lifetime above the maximum',
      { ...CLAIMS, exp: CLAIMS.exp + 1 },
      /lifetime of the access token exceeds/,
    ],
    ['a missing payload', undefined, /no subject/],
  ])('rejects %s', (_what, claims, message) => {
    expect(() => toPrincipal(ISSUER, claims, HOUR)).toThrow(message);
  });

  it('returns an immutable Principal', () => {
    const principal = toPrincipal(ISSUER, CLAIMS, HOUR);
    expect(() => Object.assign(principal, { subject: 'usr_2' })).toThrow(TypeError);
    expect(() => (principal.scopes as string[]).push('admin')).toThrow(TypeError);
    expect(principal.hasScopes(['a', 'c'])).toBe(true);
    expect(principal.hasScopes(['a', 'admin'])).toBe(false);
    expect(principal.hasScopes([])).toBe(true);
  });
});
