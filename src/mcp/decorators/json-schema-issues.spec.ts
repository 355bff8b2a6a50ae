import { fromJsonSchema } from './from-json-schema.js';

describe('the problems of an input with a JSON Schema', () => {
  const { '~standard': standard } = fromJsonSchema({
    type: 'object',
    properties: {
      plan: { enum: ['free', 'team', 3] },
      count: { type: 'integer', minimum: 1 },
      'a/b~c': { type: 'string' },
      lines: {
        type: 'array',
        items: {
          type: 'object',
          properties: { unit: { enum: ['kg'] }, note: {} },
          additionalProperties: false,
        },
      },
      'first name': { type: 'string' },
      first: { type: 'object', properties: { 'last name ': { type: 'integer' } } },
      nested: { allOf: [{ enum: ['hidden'] }] },
    },
    required: ['plan'],
  });
  const issuesOf = async (input: unknown): Promise<unknown> => (await standard.validate(input)).issues;

  it.each([
    [{ plan: 'gold' }, ['plan'], 'must be equal to one of the allowed values: "free", "team", 3'],
    [{ plan: 3, count: 1.5 }, ['count'], 'must be integer'],
    [{ plan: 3, 'a/b~c': 1 }, ['a/b~c'], 'must be string'],
    [{ plan: 3, 'first name': 1, first: {} }, ['first name'], 'must be string'],
    [{ plan: 3, first: { 'last name ': 'x' } }, ['first', 'last name '], 'must be integer'],
    [
      { plan: 3, lines: [{}, { unit: 'lb' }] },
      ['lines', '1', 'unit'],
      'must be equal to one of the allowed values: "kg"',
    ],
    [
      { plan: 3, lines: [{ note: 1, weight: 2, size: 3 }] },
      ['lines', '0'],
      'must NOT have additional properties: weight, size',
    ],
    [{ plan: 3, nested: 'x' }, ['nested'], 'must be equal to one of the allowed values'],
  ])('has path and details for %j', async (input, path, message) => {
    expect(await issuesOf(input)).toEqual([{ path, message }]);
  });

  it('has one issue for each problem', async () => {
    expect(await issuesOf({ plan: 'gold', count: 0 })).toHaveLength(2);
    expect(await issuesOf({})).toEqual([{ message: "must have required property 'plan'" }]);
    expect(await issuesOf(3)).toEqual([{ message: 'must be object' }]);
  });

  it('accepts a valid input', async () => {
    expect(await standard.validate({ plan: 'free' })).toEqual({ value: { plan: 'free' } });
  });
});
