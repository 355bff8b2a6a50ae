import { narrowingOf } from './narrow.js';
import { tolerantOutput } from './tolerant-output.js';

const VALUE = [{ id: 1, owner: { name: 'A', email: 'a@b', keys: [{ id: 2, secret: 's' }] }, other: true }];

const narrowed = (mapping: Parameters<typeof narrowingOf>[0]): unknown => narrowingOf(mapping)?.value(VALUE);

describe('narrowingOf', () => {
  it('does nothing without fields', () => {
    expect(narrowingOf({})).toBeUndefined();
  });

  it('hides fields within lists and objects', () => {
    expect(narrowed({ hide: ['owner.email', 'owner.keys.secret', 'other'] })).toEqual([
      { id: 1, owner: { name: 'A', keys: [{ id: 2 }] } },
    ]);
  });

  it('hides a whole field, whatever else names its members', () => {
    expect(narrowed({ hide: ['owner.keys.secret', 'owner'] })).toEqual([{ id: 1, other: true }]);
  });

  it('keeps only the named fields', () => {
    expect(narrowed({ keep: ['id', 'owner.keys.id'] })).toEqual([{ id: 1, owner: { keys: [{ id: 2 }] } }]);
  });

  it('hides what is kept by a wider field', () => {
    expect(narrowed({ keep: ['owner'], hide: ['owner.keys', 'owner.email'] })).toEqual([
      { owner: { name: 'A' } },
    ]);
  });

  it('hides and keeps fields of each value of a map by *', () => {
    const users = { users: { a: { name: 'A', email: 'a@b' }, b: { name: 'B', email: 'b@b' } }, total: 2 };
    expect(narrowingOf({ hide: ['users.*.email', 'users.b.name'] })?.value(users)).toEqual({
      users: { a: { name: 'A' }, b: {} },
      total: 2,
    });
    expect(narrowingOf({ keep: ['users.*.name', 'users.a.email'] })?.value(users)).toEqual({
      users: { a: { name: 'A', email: 'a@b' }, b: { name: 'B' } },
    });
    expect(narrowingOf({ hide: ['users.*'] })?.value(users)).toEqual({ users: {}, total: 2 });
  });

  it('narrows the schema alike', () => {
    const text = { type: 'string' };
    const owner = { type: 'object', properties: { name: text, email: text }, required: ['email'] };
    const schema = {
      type: 'array',
      items: { type: 'object', properties: { id: text, owner }, required: ['id', 'owner'] },
    };
    expect(narrowingOf({ hide: ['id', 'owner.email'] })?.schema(schema)).toEqual({
      type: 'array',
      items: {
        type: 'object',
        properties: { owner: { type: 'object', properties: { name: text }, required: [] } },
        required: ['owner'],
      },
    });
  });
});

describe('tolerantOutput', () => {
  it('leaves out the members that do not match, at any depth', () => {
    const schema = {
      type: 'object',
      properties: { id: { type: 'integer' }, list: { type: 'array', items: { type: 'string' } } },
      additionalProperties: { type: 'boolean' },
    };
    const output = tolerantOutput(schema);
    expect(output?.matching({ id: 1.5, list: ['a', 1], other: true, wrong: 'x' })).toEqual({
      id: 1.5,
      list: ['a', null],
      other: true,
    });
    expect(output?.matching('another form')).toEqual({});
  });

  it('accepts what the document does not know in a union', () => {
    const output = tolerantOutput({ type: 'object', properties: { pet: { anyOf: [{ type: 'string' }] } } });
    expect(output?.schema['properties']).toEqual({ pet: { anyOf: [{ type: ['string', 'null'] }, {}] } });
    expect(output?.matching({ pet: { name: 'Rex' } })).toEqual({ pet: { name: 'Rex' } });
  });

  it('joins the parts of an intersection', () => {
    const part = (name: string): object => ({
      type: 'object',
      properties: { [name]: { type: 'string' } },
      required: [name],
    });
    expect(tolerantOutput({ allOf: [part('a'), part('b')] })?.schema).toMatchObject({
      type: 'object',
      properties: { a: { type: ['string', 'null'] }, b: { type: ['string', 'null'] } },
    });
  });

  it('has no schema for a text, or for one that is too long', () => {
    expect(tolerantOutput({ type: 'string' })).toBeUndefined();
    expect(tolerantOutput({ type: 'object', description: 'x'.repeat(10_000) })).toBeUndefined();
  });
});
