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
      'is kept where it may be null, or anything',
      { note: null, anything: null },
      { note: null, anything: null },
    ],
    ['is kept where it is required, to be refused', { id: null }, { id: null }],
    ['is kept where the schema does not know it', { extra: null }, { extra: null }],
    ['is dropped in an object', { owner: { name: 'x', mail: null } }, { owner: { name: 'x' } }],
    ['is kept where an object requires it', { owner: { name: null } }, { owner: { name: null } }],
    ['is dropped with its object', { owner: null, rows: null }, {}],
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

  it('costs no copy where there is none', () => {
    const value = { id: 'x', owner: { name: 'x' } };
    expect(drop?.(value)).toBe(value);
  });

  it('is followed through references, however they go round', () => {
    const node: z.ZodType = z.object({ name: z.string().optional(), next: z.lazy(() => node).optional() });
    const dropInTree = compileDropNulls(z.toJSONSchema(node, { io: 'input' }));
    expect(dropInTree?.({ name: null, next: { name: null, next: null } })).toEqual({ next: {} });
  });

  it('is left alone where the schema says nothing', () => {
    for (const nothing of [{}, true, { type: 'object' }, { type: 'object', properties: { a: {} } }]) {
      expect(compileDropNulls(nothing)?.({ a: null }) ?? { a: null }).toEqual({ a: null });
    }
  });

  it('takes no member of a prototype for an argument', () => {
    const value: unknown = JSON.parse('{"cursor":null,"__proto__":null,"constructor":null}');
    expect(Object.keys(drop?.(value) as object)).toEqual(['__proto__', 'constructor']);
  });
});
