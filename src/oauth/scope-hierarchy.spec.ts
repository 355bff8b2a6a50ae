import { ScopeHierarchy } from './scope-hierarchy.js';

const parse = (text: string): ScopeHierarchy => {
  const hierarchy = ScopeHierarchy.parse(text);
  if (!hierarchy) throw new Error(`"${text}" is not a valid hierarchy.`);
  return hierarchy;
};

describe('a scope hierarchy', () => {
  it.each([
    ['itself', 'todo:read', 'todo:read', true],
    ['a scope that it includes directly', 'todo:write', 'todo:read', true],
    ['a scope that it includes indirectly', 'admin', 'todo:read', true],
    ['no broader scope', 'todo:read', 'todo:write', false],
    ['no other scope', 'todo:write', 'usr:read', false],
    ['no scope that only starts with the same text', 'todo:write', 'todo:writeable', false],
  ])('grants %s', (_what, granted, wanted, holds) => {
    expect(parse('admin > todo:write > todo:read').heldWith([granted])(wanted)).toBe(holds);
  });

  it('supports several chains that overlap', () => {
    const holds = parse('admin > todo:write; editor > todo:write,\n todo:write > todo:read').heldWith([
      'editor',
    ]);
    expect(['editor', 'todo:write', 'todo:read'].every(holds)).toBe(true);
    expect(holds('admin')).toBe(false);
  });

  describe('a pattern', () => {
    it('includes every scope with its prefix, and the scopes that those include', () => {
      const holds = parse('admin > todo:*; todo:write > usr:read').heldWith(['admin']);
      expect(['todo:read', 'todo:anything', 'usr:read'].every(holds)).toBe(true);
      expect(['todo', 'tod', 'usr:write'].some(holds)).toBe(false);
    });

    it('on the left means the scope of that name, not the scopes that it matches', () => {
      const hierarchy = parse('todo:* > usr:read');
      expect(hierarchy.heldWith(['todo:read'])('usr:read')).toBe(false);
      expect(hierarchy.heldWith(['todo:*'])('usr:read')).toBe(true);
      expect(hierarchy.heldWith(['todo:*'])('todo:read')).toBe(true);
    });

    it('can be the only name of a chain', () => {
      expect(parse('todo:*').heldWith(['todo:*'])('todo:read')).toBe(true);
    });

    it('in a token grants nothing unless the hierarchy contains it', () => {
      expect(parse('admin > todo:read').heldWith(['todo:*', '*'])('todo:read')).toBe(false);
      expect(ScopeHierarchy.flat.heldWith(['*'])('todo:read')).toBe(false);
    });
  });

  it('expands a broad scope once for all tokens', () => {
    const narrow = Array.from({ length: 500 }, (_none, index) => `admin > todo:${index}`);
    const hierarchy = parse(narrow.join(';'));
    hierarchy.heldWith(['admin', 'one']);
    const add = jest.spyOn(Set.prototype, 'add');
    const holds = hierarchy.heldWith(['admin', 'other']);
    const additions = add.mock.calls.length;
    add.mockRestore();
    expect(additions).toBeLessThan(10);
    expect(['admin', 'other', 'todo:499'].every(holds)).toBe(true);
    expect(['one', 'todo:500'].some(holds)).toBe(false);
  });

  it.each(['a >', '> a', 'a > > b', 'a b > c', 'a*b > c', 'a > "b"', '*:read'])('rejects "%s"', (text) => {
    expect(ScopeHierarchy.parse(text)).toBeUndefined();
  });

  it.each([
    ['a > b > a', ['a', 'b', 'a']],
    ['a > a', ['a', 'a']],
    ['x > a > b; b > c; c > a', ['a', 'b', 'c', 'a']],
  ])('finds the cycle in "%s"', (text, cycle) => {
    expect(parse(text).cycle).toEqual(cycle);
  });

  it.each(['a > b > c; a > c', 'a > c; b > c', 'admin > *', 'todo:admin > todo:*', 'todo:* > todo:read'])(
    'finds no cycle in "%s"',
    (text) => {
      expect(parse(text).cycle).toBeUndefined();
    },
  );

  it('returns unknown names', () => {
    const known = new Set(['admin', 'todo:read']);
    expect(parse('admin > todo:write > todo:read; tood:* > todo:*').unknownAmong(known)).toEqual([
      'todo:write',
      'tood:*',
    ]);
  });
});
