import { SchemaConverter } from './convert-schema.js';

const convert = (
  schema: unknown,
  { direction = 'input', schemas = {} }: { direction?: 'input' | 'output'; schemas?: object } = {},
): unknown =>
  new SchemaConverter({ root: { components: { schemas } }, is30: true }, direction).convert(schema);

describe('SchemaConverter', () => {
  it.each([
    ['nullable', { type: 'string', nullable: true }, { type: ['string', 'null'] }],
    [
      'nullable with values',
      { type: 'string', nullable: true, enum: ['a'] },
      { type: ['string', 'null'], enum: ['a', null] },
    ],
    [
      'exclusive limits',
      { type: 'number', minimum: 1, exclusiveMinimum: true },
      { type: 'number', minimum: 1, exclusiveMinimum: 1 },
    ],
    ['limits of 3.1', { type: 'number', exclusiveMaximum: 3 }, { type: 'number', exclusiveMaximum: 3 }],
    ['an unknown format', { type: 'integer', format: 'int64' }, { type: 'integer' }],
    ['a portable pattern', { type: 'string', pattern: '^a$' }, { type: 'string', pattern: '^a$' }],
    ['a pattern that clients cannot compile', { type: 'string', pattern: '(?<=a)b' }, { type: 'string' }],
    ['an array without items', { type: 'array' }, { type: 'array', items: {} }],
    [
      'oneOf',
      { oneOf: [{ type: 'string' }, { type: 'integer' }] },
      { anyOf: [{ type: 'string' }, { type: 'integer' }] },
    ],
    [
      'what only documents',
      { type: 'string', xml: {}, example: 'a', 'x-a': 1, deprecated: true },
      { type: 'string' },
    ],
    ['HTML', { description: '<p>A <b>text</b>.</p>' }, { description: 'A text.' }],
  ])('converts %s', (_what, schema, expected) => {
    expect(convert(schema)).toEqual(expected);
  });

  it('inlines references, with the description of their use', () => {
    const schemas = { Id: { type: 'string', description: 'Identifier' } };
    expect(convert({ $ref: '#/components/schemas/Id' }, { schemas })).toEqual({
      type: 'string',
      description: 'Identifier',
    });
    expect(convert({ $ref: '#/components/schemas/Id', description: 'Id of the owner' }, { schemas })).toEqual(
      {
        type: 'string',
        description: 'Id of the owner',
      },
    );
  });

  it('cuts a schema where it repeats', () => {
    const schemas = { Node: { type: 'object', properties: { next: { $ref: '#/components/schemas/Node' } } } };
    expect(convert({ $ref: '#/components/schemas/Node' }, { schemas })).toEqual({
      type: 'object',
      properties: { next: { type: 'object' } },
    });
  });

  it('leaves out members of the other direction', () => {
    const schema = {
      type: 'object',
      required: ['id', 'password', 'name'],
      properties: {
        id: { type: 'string', readOnly: true },
        password: { type: 'string', writeOnly: true },
        name: { type: 'string' },
      },
    };
    expect(convert(schema)).toMatchObject({ required: ['password', 'name'] });
    expect(convert(schema, { direction: 'output' })).toMatchObject({ required: ['id', 'name'] });
  });

  it.each(['other.json#/a', 'https://example.com/a.json', '#/components/schemas/None', '#anchor'])(
    'refuses the reference %s',
    (reference) => {
      expect(() => convert({ $ref: reference })).toThrow(/other documents are never read|does not exist/);
    },
  );
});
