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
    ['what read-only tools need', ['a', 'b'], [{ scopes: ['b'] }, { scopes: ['a'] }]],
    ['nothing of other tools', [], [{ scopes: ['a'], readOnly: false }]],
    ['nothing of elevated tools', ['b'], [{ scopes: ['a', 'b'] }, { scopes: ['a'], elevated: true }]],
    ['nothing of tools for a role', ['b'], [{ scopes: ['a'], roles: ['r'] }, { scopes: ['b'] }]],
    ['nothing of secret tools', [], [{ scopes: ['a'], visibility: 'secret' }]],
    ['the first of alternatives', ['a'], [{ scopes: { anyOf: ['a', ['b', 'c']] } }]],
  ])('are %s', (_what, expected, declarations) => {
    expect(catalogOf(...declarations).scopes.basic).toEqual(expected);
  });
});

describe('how long a list may be kept', () => {
  it.each<[string, number, Declaration]>([
    ['not at all where more scopes make it longer', 0, { scopes: ['a'] }],
    ['a minute where they do not', 60_000, { scopes: 'authenticated', roles: ['r'] }],
    ['a minute where it shows what needs more scopes', 60_000, { scopes: ['a'], visibility: 'discoverable' }],
  ])('%s', (_what, ttlMs, declaration) => {
    expect(catalogOf(declaration).cacheHints['tools/list']).toEqual({ ttlMs, cacheScope: 'private' });
  });
});
