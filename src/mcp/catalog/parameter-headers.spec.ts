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
    ['a name that is not a token', { region: { ...region, 'x-mcp-header': 'The region' } }],
    ['a duplicate name', { region, other: { ...region, 'x-mcp-header': 'REGION' } }],
    ['a property of the wrong type', { region: { ...region, type: 'number' } }],
    ['an annotation outside of properties', { regions: { type: 'array', items: region } }],
  ])('reports %s', (_what, properties) => {
    expect(problemsOf(properties)).toHaveLength(1);
  });
});

describe('parameterHeaderProblem', () => {
  const problemWith = (value: unknown, sent: string | undefined): string | undefined =>
    parameterHeaderProblem([{ header: 'mcp-param-x', path: ['x'] }], { x: value }, () => sent);

  it.each<[string, unknown, string | undefined]>([
    ['the same text', 'eu', 'eu'],
    ['encoded text', 'Zürich', `=?base64?${base64('Zürich')}?=`],
    ['base64 without the encoding marker', base64('Hello'), base64('Hello')],
    ['an encoding marker without its end', `=?base64?${base64('Hello')}`, `=?base64?${base64('Hello')}`],
    ['the same number', 42, '42.0'],
    ['a boolean', true, 'true'],
    ['no argument', undefined, undefined],
  ])('accepts %s', (_what, value, sent) => {
    expect(problemWith(value, sent)).toBeUndefined();
  });

  it.each<[string, unknown, string | undefined]>([
    ['a missing header', 'eu', undefined],
    ['a header without its argument', undefined, 'eu'],
    ['a header for a null argument', null, 'eu'],
    ['an empty header without its argument', undefined, ''],
    ['different text', 'eu', 'us'],
    ['base64 without its padding', 'Hello', '=?base64?SGVsbG8?='],
    ['invalid base64', 'Hello', '=?base64?SGVs!!!bG8=?='],
    ['different encoded text', 'Hello', `=?base64?${base64('World')}?=`],
    ['blank text for a number', 0, ' '],
  ])('rejects %s', (_what, value, sent) => {
    expect(problemWith(value, sent)).toEqual(expect.any(String));
  });
});
