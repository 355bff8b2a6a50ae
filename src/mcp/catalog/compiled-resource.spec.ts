import type { AccessDeclaration } from '../../auth/access/access-rule.js';
import { compileResource } from './compiled-resource.js';

/** Compiles a resource with a public cache, and returns its problems. */
function problemsOf(
  access: AccessDeclaration,
  inherited: AccessDeclaration[] = [],
  uri = 'info://x',
): string[] {
  const problems: string[] = [];
  const methods = { read: () => '', list: undefined, completions: new Map() };
  const cache = { ttlMs: 1, cacheScope: 'public' } as const;
  compileResource({ name: 'info', uri, cache, ...access }, inherited, methods, problems);
  return problems;
}

const NOT_OPEN = ["its cacheScope is 'public', but not every caller may read it. Make it 'private'"];

describe('a resource with a public cache', () => {
  it.each<[string, AccessDeclaration]>([
    ['scopes', { scopes: ['read'] }],
    ['roles', { scopes: 'authenticated', roles: ['admin'] }],
    ['permissions', { scopes: 'authenticated', permissions: ['read'] }],
    ['an organization', { scopes: 'authenticated', organization: true }],
    ['a function that decides', { scopes: 'authenticated', allow: () => true }],
  ])('must not need %s', (_what, access) => {
    expect(problemsOf(access)).toEqual(NOT_OPEN);
    expect(problemsOf({}, [access])).toEqual(NOT_OPEN);
    expect(problemsOf(access, [], 'info://{x}')).toEqual(NOT_OPEN);
  });

  it('may need a valid token', () => {
    expect(problemsOf({ scopes: 'authenticated' })).toEqual([]);
    expect(problemsOf({ scopes: 'authenticated' }, [], 'info://{x}')).toEqual([]);
  });
});
