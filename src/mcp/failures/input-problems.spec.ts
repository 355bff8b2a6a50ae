import type { StandardSchemaV1 } from '@modelcontextprotocol/server';
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';

import { problemTexts } from './input-problems.js';

async function problemsOf(schema: StandardSchemaV1, input: unknown): Promise<string[]> {
  const { issues } = await schema['~standard'].validate(input);
  return problemTexts(issues ?? []);
}

const when = z.object({ when: z.union([z.iso.date(), z.object({ days: z.int() })]) });
const nested = z.object({ a: z.union([z.string(), z.object({ b: z.union([z.string(), z.null()]) })]) });
const shape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('circle') }),
  z.object({ kind: z.enum(['square', 'cube']) }),
]);

describe('inWords', () => {
  it.each<[string, StandardSchemaV1, unknown, string]>([
    [
      'the alternatives of a union',
      when,
      { when: 5 },
      'when: must match one of: (1) Invalid input: expected string, received number; (2) Invalid input: expected object, received number',
    ],
    [
      'members of an alternative',
      when,
      { when: { days: 'x' } },
      'when: must match one of: (1) Invalid input: expected string, received object; (2) days: Invalid input: expected number, received string',
    ],
    [
      'alternatives of alternatives',
      nested,
      { a: { b: 5 } },
      'a: must match one of: (1) Invalid input: expected string, received object; (2) b: must match one of: (1) Invalid input: expected string, received number; (2) Invalid input: expected null, received number',
    ],
    [
      'the values of a discriminator',
      shape,
      { kind: 'line' },
      "kind: Invalid discriminator value. Expected 'circle' | 'square' | 'cube'",
    ],
    [
      'the problem with a key',
      z.object({ by: z.record(z.string().max(1), z.number()) }),
      { by: { abc: 1 } },
      'by.abc: Invalid key in record: Too big: expected string to have <=1 characters',
    ],
    [
      'the alternatives of Valibot',
      v.object({ when: v.union([v.string(), v.object({ days: v.number() })]) }),
      { when: { days: 'x' } },
      'when: must match one of: (1) Invalid type: Expected string but received Object; (2) days: Invalid type: Expected number but received "x"',
    ],
    [
      'the alternatives of ArkType',
      type({ when: type('string').or({ days: 'number' }) }),
      { when: 5 },
      'when: must be a string or an object (was a number)',
    ],
    ['a problem without a path', z.string(), 5, 'Invalid input: expected string, received number'],
  ])('lists %s', async (_what, schema, input, expected) => {
    expect(await problemsOf(schema, input)).toEqual([expected]);
  });

  it('limits its length and counts the omitted problems', async () => {
    const list = z.array(
      z.union(Array.from({ length: 30 }, (_, index) => z.literal(`${'x'.repeat(100)}${index}`))),
    );
    const problems = await problemsOf(
      list,
      Array.from({ length: 50 }, () => 5),
    );
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toBe('and 30 more');
    expect(Math.max(...problems.map(({ length }) => length))).toBe(1_001);
  });
});
