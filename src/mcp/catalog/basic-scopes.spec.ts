import type { AccessDeclaration } from '../../auth/access/access-rule.js';
import { Catalog, NO_OFFERS } from './catalog.js';
import { compileTool } from './compiled-tool.js';
import { noFindings } from './findings.js';

interface Declaration extends AccessDeclaration {
  readonly readOnly?: boolean;
  readonly elevated?: boolean;
}

const catalogOf = (...declarations: Declaration[]): Catalog => {
  const findings = noFindings();
  const tools = declarations.map(({ readOnly = true, ...declaration }, index) =>
    compileTool(
      {
        name: `tool_${index}`,
        description: 'A tool.',
        annotations: { readOnlyHint: readOnly },
        ...declaration,
      },
      [],
      () => undefined,
      findings,
    ),
  );
  expect(findings.problems).toEqual([]);
  return new Catalog({ ...NO_OFFERS, tools });
};

describe('the scopes of a first sign-in', () => {
  it.each<[string, string[], Declaration[]]>([
    ['the scopes of read-only tools', ['a', 'b'], [{ scopes: ['b'] }, { scopes: ['a'] }]],
    ['none of other tools', [], [{ scopes: ['a'], readOnly: false }]],
    ['none of elevated tools', ['b'], [{ scopes: ['a', 'b'] }, { scopes: ['a'], elevated: true }]],
    ['none of role-restricted tools', ['b'], [{ scopes: ['a'], roles: ['r'] }, { scopes: ['b'] }]],
    [
      'none of tools that a function allows',
      ['b'],
      [{ scopes: ['a'], allow: () => true }, { scopes: ['b'] }],
    ],
    ['none of secret tools', [], [{ scopes: ['a'], visibility: 'secret' }]],
    ['the first of alternatives', ['a'], [{ scopes: { anyOf: ['a', ['b', 'c']] } }]],
  ])('are %s', (_what, expected, declarations) => {
    expect(catalogOf(...declarations).scopes.basic).toEqual(expected);
  });
});

describe('the cache lifetime of a list', () => {
  it.each<[string, number, Declaration]>([
    ['is zero if more scopes make the list longer', 0, { scopes: ['a'] }],
    ['is a minute if more scopes do not change the list', 60_000, { scopes: 'authenticated', roles: ['r'] }],
    [
      'is a minute if the list shows tools that need more scopes',
      60_000,
      { scopes: ['a'], visibility: 'discoverable' },
    ],
  ])('%s', (_what, ttlMs, declaration) => {
    expect(catalogOf(declaration).cacheHints['tools/list']).toEqual({ ttlMs, cacheScope: 'private' });
  });
});
