import { ScopeHierarchy } from './scope-hierarchy.js';

const parse = (text: string): ScopeHierarchy => {
  const hierarchy = ScopeHierarchy.parse(text);
  if (!hierarchy) throw new Error(`"${text}" is no hierarchy.`);
  return hierarchy;
};

describe('a scope hierarchy', () => {
  it.each([
    ['itself', 'todo:read', 'todo:read', true],
    ['what it includes directly', 'todo:write', 'todo:read', true],
    ['what that includes', 'admin', 'todo:read', true],
    ['nothing broader', 'todo:read', 'todo:write', false],
    ['nothing else', 'todo:write', 'usr:read', false],
    ['nothing that only begins like it', 'todo:write', 'todo:writeable', false],
  ])('a scope gives %s', (_what, granted, wanted, holds) => {
    expect(parse('admin > todo:write > todo:read').heldWith([granted])(wanted)).toBe(holds);
  });

  it('has several chains, which may meet', () => {
    const holds = parse('admin > todo:write; editor > todo:write,\n todo:write > todo:read').heldWith([
      'editor',
    ]);
    expect(['editor', 'todo:write', 'todo:read'].every(holds)).toBe(true);
    expect(holds('admin')).toBe(false);
  });

  describe('a pattern', () => {
    it('includes every scope that begins so, named here or not, and what those include', () => {
      const holds = parse('admin > todo:*; todo:write > usr:read').heldWith(['admin']);
      expect(['todo:read', 'todo:anything', 'usr:read'].every(holds)).toBe(true);
      expect(['todo', 'tod', 'usr:write'].some(holds)).toBe(false);
    });

    it('on the left speaks of the scope of that name, not of those that it matches', () => {
      const hierarchy = parse('todo:* > usr:read');
      expect(hierarchy.heldWith(['todo:read'])('usr:read')).toBe(false);
      expect(hierarchy.heldWith(['todo:*'])('usr:read')).toBe(true);
      expect(hierarchy.heldWith(['todo:*'])('todo:read')).toBe(true);
    });

    it('may stand alone', () => {
      expect(parse('todo:*').heldWith(['todo:*'])('todo:read')).toBe(true);
    });

    it('is none in a token where the hierarchy has no such one', () => {
      expect(parse('admin > todo:read').heldWith(['todo:*', '*'])('todo:read')).toBe(false);
      expect(ScopeHierarchy.flat.heldWith(['*'])('todo:read')).toBe(false);
    });
  });

  it.each(['a >', '> a', 'a > > b', 'a b > c', 'a*b > c', 'a > "b"', '*:read'])('"%s" is none', (text) => {
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
    'finds none in "%s"',
    (text) => {
      expect(parse(text).cycle).toBeUndefined();
    },
  );

  it('tells which names are not known', () => {
    const known = new Set(['admin', 'todo:read']);
    expect(parse('admin > todo:write > todo:read; tood:* > todo:*').unknownAmong(known)).toEqual([
      'todo:write',
      'tood:*',
    ]);
  });
});
