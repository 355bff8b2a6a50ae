import { aPrincipal } from '../../../test/support/principal.js';
import { type AccessDeclaration, AccessRule } from './access-rule.js';

const rule = (...declarations: AccessDeclaration[]): AccessRule => new AccessRule(declarations);

describe('an access rule', () => {
  it('allows a caller that meets every requirement', () => {
    const access = rule({
      scopes: ['todo:read'],
      roles: ['editor'],
      permissions: ['export'],
      organization: true,
    });
    const caller = {
      scopes: ['todo:read'],
      roles: ['editor'],
      permissions: ['export'],
      organizationId: 'org_a',
    };

    expect(access.decide(aPrincipal(caller))).toEqual({ outcome: 'allowed' });
  });

  it.each([
    ['an organization', { organization: true }, /needs an organization/],
    ['a role', { roles: ['admin'] }, /needs the role admin, which your account does not have/],
    ['several roles', { roles: ['admin', 'auditor'] }, /needs the roles admin and auditor,/],
    [
      'a permission',
      { permissions: { anyOf: ['export', 'print'] } },
      /needs the permission export, or print,/,
    ],
  ])('forbids a caller without %s before it checks scopes', (_what, declaration, explanation) => {
    const access = rule({ scopes: ['todo:read'], ...declaration });
    const caller = aPrincipal({ organizationId: undefined, scopes: [], roles: [], permissions: [] });

    expect(access.decide(caller)).toEqual({
      outcome: 'forbidden',
      explanation: expect.stringMatching(explanation) as unknown,
    });
  });

  it('names the missing scopes, so that a client can request them', () => {
    const access = rule({ scopes: ['todo:read', 'todo:write'] });

    expect(access.decide(aPrincipal({ scopes: ['todo:read'] }))).toEqual({
      outcome: 'insufficient_scope',
      scopes: ['todo:read', 'todo:write'],
    });
  });

  it('accepts any one of several alternatives', () => {
    const access = rule({ scopes: { anyOf: ['admin', ['todo:read', 'todo:export']] } });

    expect(access.decide(aPrincipal({ scopes: ['admin'] })).outcome).toBe('allowed');
    expect(access.decide(aPrincipal({ scopes: ['todo:read', 'todo:export'] })).outcome).toBe('allowed');
    expect(access.decide(aPrincipal({ scopes: ['todo:export'] })).outcome).toBe('insufficient_scope');
  });

  it('asks for the alternative that the caller has, else for the first', () => {
    const access = rule({ scopes: { anyOf: ['admin', 'todo:read'] } });

    expect(access.scopesFor(aPrincipal({ scopes: ['todo:read'] }))).toEqual(['todo:read']);
    expect(access.scopesFor(aPrincipal({ scopes: [] }))).toEqual(['admin']);
  });

  it('adds the requirements of a class and of its method', () => {
    const access = rule({ scopes: ['todo:read'], organization: true }, { scopes: ['todo:write'] });

    expect(access.scopes).toEqual([['todo:read', 'todo:write']]);
    expect(access.organization).toBe(true);
  });

  it('takes the visibility of the innermost declaration that has one', () => {
    expect(rule({ visibility: 'secret' }, {}).visibility).toBe('secret');
    expect(rule({ visibility: 'secret' }, { visibility: 'discoverable' }).visibility).toBe('discoverable');
    expect(rule({}).visibility).toBe('scoped');
  });

  it('is declared, open and free of scopes if any valid token is sufficient', () => {
    const access = rule({ scopes: 'authenticated' });

    expect(access).toMatchObject({ isDeclared: true, isOpen: true, needsScopes: false });
    expect(access.decide(aPrincipal({ scopes: [] })).outcome).toBe('allowed');
  });

  it('is not declared without scopes, even if it requires a role', () => {
    expect(rule({ roles: ['admin'] })).toMatchObject({ isDeclared: false, isOpen: false });
  });
});
