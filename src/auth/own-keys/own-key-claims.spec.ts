import { type ClaimNames, DEFAULT_NAMES, toPrincipal } from './own-key-claims.js';

const ISSUER = 'https://issuer.example';
const HOUR = 3_600_000;
const CLAIMS = { sub: 'client-a@example.com', iat: 1_699_996_400, exp: 1_700_000_000 };

describe('toPrincipal for own-key tokens', () => {
  it.each([
    ['no client', {}, { clientId: 'client-a@example.com', kind: 'machine' }],
    ['client_id', { client_id: 'c1', azp: 'c2' }, { clientId: 'c1', kind: 'person' }],
    ['azp', { azp: 'c2' }, { clientId: 'c2' }],
    ['a client_id that is not a string', { client_id: 7, azp: 'c2' }, { clientId: 'c2' }],
    ['org_id', { org_id: 'o1', oid: 'o2' }, { organizationId: 'o1' }],
    ['oid', { oid: 'o2' }, { organizationId: 'o2' }],
    ['no organization', { org_id: '' }, { organizationId: undefined }],
    ['scope with spaces', { scope: 'read  write' }, { scopes: ['read', 'write'] }],
    ['scope with commas', { scope: 'read, write,' }, { scopes: ['read', 'write'] }],
    ['scope as a list', { scope: ['read'] }, { scopes: ['read'] }],
    ['scp as a string', { scp: 'read write' }, { scopes: ['read', 'write'] }],
    ['scp as a list', { scp: ['read', 'write'] }, { scopes: ['read', 'write'] }],
    ['scopes', { scopes: ['read', 'write'] }, { scopes: ['read', 'write'] }],
    ['all of them', { scope: 'a b', scp: ['b', 'c'], scopes: ['d'] }, { scopes: ['a', 'b', 'c', 'd'] }],
    ['no scopes from values that are not strings', { scope: 7, scopes: [7] }, { scopes: [] }],
    [
      'roles and permissions',
      { roles: ['r s', ''], permissions: ['p', 'q', 'p'] },
      { roles: ['r s'], permissions: ['p', 'q'] },
    ],
    [
      'one role and one permission from strings',
      { roles: 'Billing admin', permissions: 'p, q' },
      { roles: ['Billing admin'], permissions: ['p, q'] },
    ],
    ['no role from an empty string', { roles: '' }, { roles: [] }],
    ['ids', { jti: 't1', sid: 's1' }, { tokenId: 't1', sessionId: 's1' }],
  ])('reads %s', (_what, claims, expected) => {
    expect(toPrincipal(ISSUER, { ...CLAIMS, ...claims }, DEFAULT_NAMES, HOUR)).toMatchObject({
      subject: 'client-a@example.com',
      issuedAt: CLAIMS.iat,
      expiresAt: CLAIMS.exp,
      ...expected,
    });
  });

  it('reads the configured claims instead of the defaults', () => {
    const names: ClaimNames = {
      subject: 'email',
      client: 'app',
      organization: 'https://example.com/org',
      scopes: 'https://example.com/scopes',
      roles: 'groups',
      permissions: 'may',
    };
    const usual = { client_id: 'c', org_id: 'o', scope: 'admin', roles: ['admin'], permissions: ['all'] };
    const claims = {
      email: 'a@example.com',
      app: 'app_1',
      'https://example.com/org': 'org_1',
      'https://example.com/scopes': ['read'],
      groups: ['staff'],
      may: 'p',
    };
    expect(toPrincipal(ISSUER, { ...CLAIMS, ...usual, ...claims }, names, HOUR)).toMatchObject({
      subject: 'a@example.com',
      clientId: 'app_1',
      organizationId: 'org_1',
      scopes: ['read'],
      roles: ['staff'],
      permissions: ['p'],
    });
    expect(toPrincipal(ISSUER, { ...CLAIMS, ...usual, email: 'a' }, names, HOUR)).toMatchObject({
      clientId: 'a',
      organizationId: undefined,
      scopes: [],
    });
  });

  it('ignores inherited object properties', () => {
    const names = { ...DEFAULT_NAMES, organization: 'constructor', scopes: '__proto__' };
    expect(toPrincipal(ISSUER, CLAIMS, names, HOUR)).toMatchObject({ organizationId: undefined, scopes: [] });
  });

  it.each([
    ['no subject', { sub: undefined }, /no subject/],
    ['a subject that is not a string', { sub: 7 }, /no subject/],
    ['no expiry', { exp: undefined }, /no expiry/],
    ['no issue time', { iat: undefined }, /no issue time/],
    ['an issue time that is not a number', { iat: '1699996400' }, /no issue time/],
    ['a lifetime above the maximum', { exp: CLAIMS.exp + 1 }, /lifetime of the access token exceeds/],
  ])('rejects %s, but counts the token as authentic', (_what, claims, message) => {
    const attempt = async (): Promise<unknown> =>
      toPrincipal(ISSUER, { ...CLAIMS, ...claims }, DEFAULT_NAMES, HOUR);
    return expect(attempt()).rejects.toMatchObject({
      description: expect.stringMatching(message),
      isAuthentic: true,
    });
  });
});
