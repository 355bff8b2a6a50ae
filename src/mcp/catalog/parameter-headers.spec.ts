import type { ObjectSchema } from './published-schema/published-schema.js';
import { parameterHeaderProblem, parameterHeadersOf } from './parameter-headers.js';

const region = { type: 'string', 'x-mcp-header': 'Region' };
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('parameterHeadersOf', () => {
  const problemsOf = (properties: ObjectSchema['properties']): string[] => {
    const problems: string[] = [];
    parameterHeadersOf({ type: 'object', properties }, problems);
    return problems;
  };

  it('finds annotations along properties', () => {
    const place = { type: 'object', properties: { region } };
    expect(parameterHeadersOf({ type: 'object', properties: { place } }, [])).toEqual([
      { header: 'mcp-param-region', path: ['place', 'region'] },
    ]);
  });

  it.each<[string, ObjectSchema['properties']]>([
    ['no token', { region: { ...region, 'x-mcp-header': 'The region' } }],
    ['two alike', { region, other: { ...region, 'x-mcp-header': 'REGION' } }],
    ['another type', { region: { ...region, type: 'number' } }],
    ['elsewhere', { regions: { type: 'array', items: region } }],
  ])('refuses %s', (_what, properties) => {
    expect(problemsOf(properties)).toHaveLength(1);
  });
});

describe('parameterHeaderProblem', () => {
  const problemWith = (value: unknown, sent: string | undefined): string | undefined =>
    parameterHeaderProblem([{ header: 'mcp-param-x', path: ['x'] }], { x: value }, () => sent);

  it.each<[string, unknown, string | undefined]>([
    ['the same text', 'eu', 'eu'],
    ['encoded text', 'Zürich', `=?base64?${base64('Zürich')}?=`],
    ['base64 that is not marked as such', base64('Hello'), base64('Hello')],
    ['a mark without an end', `=?base64?${base64('Hello')}`, `=?base64?${base64('Hello')}`],
    ['the same number', 42, '42.0'],
    ['a truth', true, 'true'],
    ['no argument', undefined, undefined],
  ])('accepts %s', (_what, value, sent) => {
    expect(problemWith(value, sent)).toBeUndefined();
  });

  it.each<[string, unknown, string | undefined]>([
    ['no header', 'eu', undefined],
    ['a header without its argument', undefined, 'eu'],
    ['a header for an argument that is null', null, 'eu'],
    ['an empty header without its argument', undefined, ''],
    ['another text', 'eu', 'us'],
    ['base64 without its padding', 'Hello', '=?base64?SGVsbG8?='],
    ['what is no base64', 'Hello', '=?base64?SGVs!!!bG8=?='],
    ['encoded text that is another', 'Hello', `=?base64?${base64('World')}?=`],
    ['an empty text for a number', 0, ' '],
  ])('refuses %s', (_what, value, sent) => {
    expect(problemWith(value, sent)).toEqual(expect.any(String));
  });
});
