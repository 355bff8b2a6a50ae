import { Principal, type PrincipalClaims } from '../../auth/principal.js';
import { ForbiddenError, InsufficientScopeError } from '../../auth/auth-errors.js';
import { aPrincipal } from '../../../test/support/principal.js';
import { requireRights } from './replay-rights.js';

const EARLIER = { scopes: ['a', 'b', 'offline_access'], roles: ['r'], permissions: ['p'] };
const attempt =
  (claims: Partial<PrincipalClaims>): (() => void) =>
  () =>
    requireRights(aPrincipal({ ...EARLIER, ...claims }), aPrincipal(EARLIER));

describe('a token that continues a call', () => {
  it.each<[string, Partial<PrincipalClaims>]>([
    ['the same rights', {}],
    ['more rights', { scopes: ['a', 'b', 'c'], roles: ['r', 's'], permissions: ['p', 'q'] }],
    ['the same scopes except offline_access', { scopes: ['b', 'a'] }],
  ])('is accepted with %s', (_what, claims) => {
    expect(attempt(claims)).not.toThrow();
  });

  it('is rejected without a scope, with the scopes to add and to keep', () => {
    expect(attempt({ scopes: ['a'] })).toThrow(new InsufficientScopeError(['b'], ['a']));
  });

  it('is rejected without a scope that a challenge cannot name', () => {
    const odd = aPrincipal({ scopes: ['a', 'say"so'] });
    expect(() => requireRights(aPrincipal({ scopes: ['a'] }), odd)).toThrow(ForbiddenError);
  });

  it.each<[string, Partial<PrincipalClaims>]>([
    ['role', { roles: [] }],
    ['permission', { permissions: ['q'] }],
  ])('is rejected without a %s', (_what, claims) => {
    expect(attempt(claims)).toThrow(ForbiddenError);
  });

  it('is rejected if a declared claim differs', () => {
    const inDepartment = (department: string): Principal =>
      new Principal(aPrincipal(EARLIER), undefined, { values: { place: { department } }, bytes: 0 });
    const earlier = inDepartment('sales');
    expect(() => requireRights(inDepartment('sales'), earlier)).not.toThrow();
    expect(() => requireRights(inDepartment('support'), earlier)).toThrow(ForbiddenError);
  });
});
