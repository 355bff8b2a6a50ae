import { type } from 'arktype';
import { z } from 'zod';

import { type ClaimSchemas, DeclaredClaims } from './declared-claims.js';

const read = async (schemas: ClaimSchemas, payload: unknown): Promise<unknown> =>
  (await new DeclaredClaims(schemas).read(payload)).values;

describe('DeclaredClaims', () => {
  it('keeps only declared claims, as their schemas yield them', async () => {
    const schemas = {
      department: z.string().trim(),
      level: z.number().default(1),
      groups: z.array(z.string()).optional(),
      'https://acme.example/plan': type("'free' | 'paid'"),
      checked: z.string().refine(async (text) => Promise.resolve(text === 'yes')),
    };
    const payload = {
      department: ' sales ',
      'https://acme.example/plan': 'paid',
      checked: 'yes',
      email: 'a@b.c',
    };
    expect(await read(schemas, payload)).toEqual({
      department: 'sales',
      level: 1,
      groups: undefined,
      'https://acme.example/plan': 'paid',
      checked: 'yes',
    });
  });

  it.each([
    [
      'a wrong value',
      { department: 7 },
      'The claim "department" of the access token has an unexpected value.',
    ],
    ['a missing value', {}, 'The claim "department" of the access token is missing.'],
    ['null', { department: null }, 'The claim "department" of the access token has an unexpected value.'],
  ])('refuses a token with %s, without repeating the value', async (_what, payload, description) => {
    await expect(read({ department: z.string() }, payload)).rejects.toMatchObject({
      reason: 'wrong_claim',
      isAuthentic: true,
      description,
    });
  });

  it('reads claims at once, unless a schema validates asynchronously', () => {
    const declared = new DeclaredClaims({ level: z.number().default(1) });
    expect(declared.readNow({})).toEqual({ values: { level: 1 }, bytes: expect.any(Number) });
    expect(() => declared.readNow({ level: 'x' })).toThrow('The claim "level"');
    const slow = z.string().refine(async () => Promise.resolve(true));
    expect(() => new DeclaredClaims({ slow }).readNow({ slow: 'x' })).toThrow('validates asynchronously');
  });

  it('reads no inherited members', async () => {
    expect(await read({ toString: z.undefined() }, {})).toStrictEqual({ toString: undefined });
  });

  it('keeps handlers from changing a value for other calls', async () => {
    const values = await read({ groups: z.array(z.string()) }, { groups: ['a'] });
    expect(Object.isFrozen(Reflect.get(Object(values), 'groups'))).toBe(true);
  });

  it('refuses a value that is no schema', () => {
    const schemas: ClaimSchemas = JSON.parse('{"department":"string"}');
    expect(() => new DeclaredClaims(schemas)).toThrow('The claim "department" must have a schema');
  });
});
