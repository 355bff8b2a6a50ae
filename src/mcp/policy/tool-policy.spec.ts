import { ToolPolicy } from './tool-policy.js';

const policy = new ToolPolicy(
  new Map([
    ['org_acme', { deny: ['delete'] }],
    ['org_globex', { allow: ['list', 'delete'], deny: ['delete'] }],
    ['org_initech', {}],
    ['org_none', { allow: [] }],
    ['*', { allow: ['list'] }],
  ]),
);

describe('ToolPolicy', () => {
  it.each<[string | undefined, string[]]>([
    ['org_acme', ['list', 'add']],
    ['org_globex', ['list']],
    ['org_initech', ['list', 'add', 'delete']],
    ['org_none', []],
    ['org_other', ['list']],
    ['constructor', ['list']],
    [undefined, ['list']],
    ['', ['list']],
  ])('allows callers of %p %j', (organization, allowed) => {
    const tools = ['list', 'add', 'delete'];
    expect(tools.filter((tool) => policy.allows(organization, tool))).toEqual(allowed);
  });

  it('allows everything to organizations without an entry if there is no default entry', () => {
    const narrow = new ToolPolicy(new Map([['org_acme', { allow: ['list'] }]]));
    expect(narrow.allows('org_acme', 'add')).toBe(false);
    expect(narrow.allows('org_other', 'add')).toBe(true);
    expect(narrow.allows(undefined, 'add')).toBe(true);
  });

  it('lists the entries that name an unknown tool', () => {
    expect(policy.unknownTools((name) => name === 'list')).toEqual([
      'org_acme.deny[0]: unknown tool "delete"',
      'org_globex.allow[1]: unknown tool "delete"',
      'org_globex.deny[0]: unknown tool "delete"',
    ]);
  });
});
