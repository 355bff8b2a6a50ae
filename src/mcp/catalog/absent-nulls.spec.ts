import { z } from 'zod';

import { compileDropNulls } from './absent-nulls.js';

const schema = z.object({
  id: z.string(),
  cursor: z.string().optional(),
  limit: z.int().default(10),
  note: z.string().nullable().optional(),
  anything: z.unknown(),
  status: z.enum(['open', 'done']).optional(),
  either: z.union([z.string(), z.number()]).optional(),
  owner: z.object({ name: z.string(), mail: z.string().optional() }).optional(),
  rows: z.array(z.object({ title: z.string(), due: z.string().optional() })).optional(),
  nullableOwner: z.object({ mail: z.string().optional() }).nullable().optional(),
});
const drop = compileDropNulls(z.toJSONSchema(schema, { io: 'input' }));

describe('a null for an argument', () => {
  it.each([
    ['is dropped where it is optional', { id: 'x', cursor: null }, { id: 'x' }],
    ['is dropped where it has a default', { limit: null, status: null, either: null }, {}],
    [
      'is kept where the schema accepts null or any value',
      { note: null, anything: null },
      { note: null, anything: null },
    ],
    ['is kept for a required argument, so that validation rejects it', { id: null }, { id: null }],
    ['is kept for an argument unknown to the schema', { extra: null }, { extra: null }],
    ['is dropped in a nested object', { owner: { name: 'x', mail: null } }, { owner: { name: 'x' } }],
    [
      'is kept where a nested object requires the member',
      { owner: { name: null } },
      { owner: { name: null } },
    ],
    ['is dropped in place of an optional object', { owner: null, rows: null }, {}],
    [
      'is dropped in the items of a list',
      { rows: [{ title: 'x', due: null }, null] },
      { rows: [{ title: 'x' }, null] },
    ],
    ['is dropped in an object that may be null', { nullableOwner: { mail: null } }, { nullableOwner: {} }],
    ['is kept in place of an object that may be null', { nullableOwner: null }, { nullableOwner: null }],
  ])('%s', (_what, value, expected) => {
    expect(drop?.(value)).toEqual(expected);
  });

  const part = z.object({ o: z.string().optional(), n: z.number().nullable().optional() });
  const tagged = z.discriminatedUnion('k', [
    z.object({ k: z.literal('a'), q: z.string().optional() }),
    z.object({ k: z.literal('b'), q: z.string().nullable().optional() }),
    z.object({ k: z.enum(['c', 'd']), part: part.optional() }),
  ]);
  const either = z.union([
    z.object({ id: z.string(), q: z.string().optional(), r: z.string().optional() }),
    z.object({ id: z.string(), q: z.string().optional(), r: z.string().nullable() }),
    z.object({ other: z.string() }),
    z.array(part),
    z.string(),
  ]);
  it.each([
    ['the branch that a tag selects', tagged, { k: 'a', q: null }, { k: 'a' }],
    ['the branch that another tag selects', tagged, { k: 'b', q: null }, { k: 'b', q: null }],
    [
      'a branch with several tags',
      tagged,
      { k: 'd', part: { o: null, n: null } },
      { k: 'd', part: { n: null } },
    ],
    ['no branch', tagged, { k: 'z', q: null }, { k: 'z', q: null }],
    ['several branches, if all reject the null', either, { id: 'x', q: null, r: null }, { id: 'x', r: null }],
    ['a branch that is a list', either, [{ o: null }, { n: null }], [{}, { n: null }]],
    ['a record', z.record(z.string(), part), { a: { o: null }, b: null }, { a: {} }],
    [
      'a record with optional names',
      z.partialRecord(z.enum(['a', 'b']), z.string()),
      { a: null, b: 'x' },
      { b: 'x' },
    ],
    [
      'a record with required names',
      z.record(z.enum(['a', 'b']), z.string()),
      { a: null, b: 'x' },
      { a: null, b: 'x' },
    ],
    ['a tuple', z.tuple([part, z.null()], part), [{ o: null }, null, { o: null }], [{}, null, {}]],
    [
      'other members',
      z.object({ a: z.string() }).catchall(part),
      { a: 'x', b: { o: null } },
      { a: 'x', b: {} },
    ],
    [
      'an intersection',
      z.intersection(tagged, z.object({ p: part })),
      { k: 'a', q: null, p: { o: null } },
      { k: 'a', p: {} },
    ],
  ])('is dropped in %s', (_what, inner, value, expected) => {
    const dropInner = compileDropNulls(z.toJSONSchema(z.object({ inner }), { io: 'input' }));
    expect(dropInner?.({ inner: value })).toEqual({ inner: expected });
  });

  it('is kept behind an invalid reference', () => {
    const malformed = { type: 'object', properties: { a: { $ref: '#/$defs/%E0%A4' } } };
    expect(compileDropNulls(malformed)?.({ a: null }) ?? { a: null }).toEqual({ a: null });
  });

  it('causes no copy of a value without nulls', () => {
    const value = { id: 'x', owner: { name: 'x' } };
    expect(drop?.(value)).toBe(value);
  });

  it('is dropped in bounded time in a deeply nested value that matches every union branch', () => {
    const tree: z.ZodType = z.lazy(() =>
      z.union([
        z.object({ next: tree.optional(), a: z.string().optional() }),
        z.object({ next: tree.optional(), b: z.string().optional() }),
      ]),
    );
    const dropInTree = compileDropNulls(z.toJSONSchema(z.object({ tree }), { io: 'input' }));
    let value: object = {};
    for (let depth = 0; depth < 40; depth++) value = { next: value };
    const start = performance.now();
    expect(dropInTree?.({ other: null, tree: value })).toEqual({ other: null, tree: value });
    expect(performance.now() - start).toBeLessThan(20_000); // twice as many steps per level would take days
  });

  it('is dropped behind recursive references', () => {
    const node: z.ZodType = z.object({ name: z.string().optional(), next: z.lazy(() => node).optional() });
    const dropInTree = compileDropNulls(z.toJSONSchema(node, { io: 'input' }));
    expect(dropInTree?.({ name: null, next: { name: null, next: null } })).toEqual({ next: {} });
  });

  it('is kept where the schema has no restrictions', () => {
    for (const nothing of [{}, true, { type: 'object' }, { type: 'object', properties: { a: {} } }]) {
      expect(compileDropNulls(nothing)?.({ a: null }) ?? { a: null }).toEqual({ a: null });
    }
  });

  it('is kept for arguments named like members of a prototype', () => {
    const value: unknown = JSON.parse('{"cursor":null,"__proto__":null,"constructor":null}');
    expect(Object.keys(drop?.(value) as object)).toEqual(['__proto__', 'constructor']);
  });
});
