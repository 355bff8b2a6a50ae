import type { ToolLists } from '../../config/tool-policy-document.js';
import { type PolicedTool, ToolPolicy } from './tool-policy.js';

const policy = new ToolPolicy(
  new Map([
    ['org_acme', { deny: ['delete'] }],
    ['org_globex', { allow: ['list', 'delete'], deny: ['delete'] }],
    ['org_initech', {}],
    ['org_none', { allow: [] }],
    ['*', { allow: ['list'] }],
  ]),
);

const tool = (name: string, group?: string): PolicedTool => ({ name, group });

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
    expect(tools.filter((name) => policy.allows(organization, tool(name)))).toEqual(allowed);
  });

  it('allows everything to organizations without an entry if there is no default entry', () => {
    const narrow = new ToolPolicy(new Map([['org_acme', { allow: ['list'] }]]));
    expect(narrow.allows('org_acme', tool('add'))).toBe(false);
    expect(narrow.allows('org_other', tool('add'))).toBe(true);
    expect(narrow.allows(undefined, tool('add'))).toBe(true);
  });

  it.each<[string, ToolLists, string[]]>([
    ['allows the tools of a group', { allowGroups: ['billing'] }, ['refund', 'invoice']],
    [
      'adds allowed tools and groups',
      { allow: ['list'], allowGroups: ['billing'] },
      ['list', 'refund', 'invoice'],
    ],
    ['denies the tools of a group', { denyGroups: ['billing'] }, ['list', 'add']],
    ['denies a tool of an allowed group', { allowGroups: ['billing'], deny: ['refund'] }, ['invoice']],
    [
      'denies an allowed tool of a denied group',
      { allow: ['list', 'refund'], denyGroups: ['billing'] },
      ['list'],
    ],
    ['allows no tool without a group by its group', { allowGroups: [] }, []],
  ])('%s', (_what, lists, allowed) => {
    const byGroup = new ToolPolicy(new Map([['org_acme', lists]]));
    const tools = [tool('list'), tool('add', 'crm'), tool('refund', 'billing'), tool('invoice', 'billing')];
    const names = tools.filter((one) => byGroup.allows('org_acme', one)).map(({ name }) => name);
    expect(names).toEqual(allowed);
  });

  it('lists the entries that name an unknown group', () => {
    const byGroup = new ToolPolicy(
      new Map([['org_acme', { allowGroups: ['billing', 'bilingg'], denyGroups: ['crn'] }]]),
    );
    expect(byGroup.unknownNames({ tools: new Set(['whoami']), groups: new Set(['billing']) })).toEqual([
      'org_acme.allowGroups[1]: unknown group "bilingg" (write "bilingg?" if it is added while the server runs)',
      'org_acme.denyGroups[0]: unknown group "crn" (write "crn?" if it is added while the server runs)',
    ]);
  });

  it('lists the entries that name an unknown tool', () => {
    expect(policy.unknownNames({ tools: new Set(['list']), groups: new Set() })).toEqual([
      'org_acme.deny[0]: unknown tool "delete" (write "delete?" if it is added while the server runs)',
      'org_globex.allow[1]: unknown tool "delete" (write "delete?" if it is added while the server runs)',
      'org_globex.deny[0]: unknown tool "delete" (write "delete?" if it is added while the server runs)',
    ]);
  });

  it('applies names that are marked as added later, and lists them apart', () => {
    const late = new ToolPolicy(
      new Map([['org_acme', { deny: ['refund?', 'list?'], denyGroups: ['crm?'] }]]),
    );
    const known = { tools: new Set(['list']), groups: new Set<string>() };
    expect(late.unknownNames(known)).toEqual([]);
    expect(late.unknownNames(known, true)).toEqual([
      'org_acme.deny[0]: unknown tool "refund"',
      'org_acme.denyGroups[0]: unknown group "crm"',
    ]);
    const denied = [tool('refund'), tool('list'), tool('add', 'crm')];
    expect(denied.map((one) => late.allows('org_acme', one))).toEqual([false, false, false]);
  });
});
