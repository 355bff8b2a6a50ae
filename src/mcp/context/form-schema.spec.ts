import { z } from 'zod';

import { formSchema, withProblems } from './form-schema.js';

describe('the form of a schema', () => {
  it.each([
    ['a positive number', z.number().positive(), { type: 'number' }],
    [
      'a number in a range',
      z.number().min(1).max(9).multipleOf(2),
      { type: 'number', minimum: 1, maximum: 9 },
    ],
    ['a pattern', z.string().regex(/^a/).min(2), { type: 'string', minLength: 2 }],
    ['a UUID', z.uuid(), { type: 'string' }],
    ['an email address', z.email(), { type: 'string', format: 'email' }],
    ['one text', z.literal('yes'), { type: 'string', enum: ['yes'] }],
    ['choices', z.enum(['a', 'b']).describe('One'), { type: 'string', enum: ['a', 'b'], description: 'One' }],
    ['one value', z.literal(true), { type: 'boolean' }],
    ['a union of texts', z.union([z.literal('a'), z.literal('b')]), { type: 'string', enum: ['a', 'b'] }],
    [
      'a union of texts with titles',
      z.union([z.literal('a').meta({ title: 'A' }), z.literal('b')]),
      {
        type: 'string',
        oneOf: [
          { const: 'a', title: 'A' },
          { const: 'b', title: 'b' },
        ],
      },
    ],
    [
      'a list of a union',
      z.array(z.union([z.literal('a').meta({ title: 'A' }), z.literal('b')])),
      {
        type: 'array',
        items: {
          anyOf: [
            { const: 'a', title: 'A' },
            { const: 'b', title: 'b' },
          ],
        },
      },
    ],
    [
      'a list of named choices',
      z.array(z.enum(['red', 'blue']).meta({ id: 'Color' })),
      { type: 'array', items: { type: 'string', enum: ['red', 'blue'] } },
    ],
    [
      'a union of named texts',
      z.union([z.literal('a').meta({ id: 'shop/A' }), z.literal('b')]),
      { type: 'string', enum: ['a', 'b'] },
    ],
    [
      'a named schema',
      z.uuid().meta({ id: 'CustomerId' }).describe('Whose?'),
      { type: 'string', description: 'Whose?' },
    ],
    [
      'a list of choices',
      z.array(z.enum(['a'])).min(1),
      { type: 'array', items: { type: 'string', enum: ['a'] }, minItems: 1 },
    ],
  ])('has what clients can show of %s', (_what, member, field) => {
    expect(formSchema('?', z.strictObject({ member }))).toEqual({
      type: 'object',
      properties: { member: field },
      required: ['member'],
    });
  });

  it.each([
    ['an object', z.object({ member: z.object({ a: z.string() }) }), 'its member "member" is not a string'],
    ['a list of texts', z.object({ member: z.array(z.string()) }), 'its member "member" is not a string'],
    ['a text', z.string(), 'its schema is not an object'],
  ])('is refused for %s', (_what, schema, reason) => {
    expect(() => formSchema('Which?', schema)).toThrow(
      `Clients cannot show the question "Which?" as a form: ${reason}`,
    );
  });

  it('names at most five problems of the last answer', () => {
    expect(withProblems('Which?', ['a', 'b', 'c', 'd', 'e', 'f'])).toBe(
      'Which?\n\nThe last answer was invalid:\n- a\n- b\n- c\n- d\n- e',
    );
  });
});
