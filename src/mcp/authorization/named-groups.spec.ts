import { namedGroups, wantsSearch } from './named-groups.js';

describe('the groups of a client', () => {
  const named = (header?: string): string[] | undefined => {
    const groups = namedGroups({ 'aerie-tool-groups': header });
    return groups && [...groups];
  };

  it.each([
    ['billing', ['billing']],
    ['billing,crm', ['billing', 'crm']],
    [' billing , crm,, billing', ['billing', 'crm']],
    ['', undefined],
    [' , ', undefined],
    [undefined, undefined],
  ])('named %j are %j', (header, groups) => {
    expect(named(header)).toEqual(groups);
  });

  it.each(['billing crm', 'a/b', 'ü', 'a'.repeat(65), Array(33).fill('a').join(',')])(
    'cannot be %j',
    (header) => {
      expect(() => named(header)).toThrow(/^The header Aerie-Tool-Groups m/);
    },
  );
});

describe('the search of a client', () => {
  it.each([
    ['on', true],
    ['off', false],
    ['', undefined],
    [undefined, undefined],
  ])('is %j: %j', (header, wanted) => {
    expect(wantsSearch({ 'aerie-tool-search': header })).toBe(wanted);
  });

  it('cannot be anything else', () => {
    expect(() => wantsSearch({ 'aerie-tool-search': 'yes' })).toThrow('must be on or off');
  });
});
