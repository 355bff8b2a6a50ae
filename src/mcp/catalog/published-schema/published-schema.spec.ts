import type { JsonSchemaType } from '@modelcontextprotocol/server';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import { IsDate, IsIn, Matches } from 'class-validator';
import * as v from 'valibot';
import { z } from 'zod';

import { fromJsonSchema } from '../../decorators/from-json-schema.js';
import type { InputSchema } from '../../decorators/mcp-tool.decorator.js';
import { fromDto } from '../../dto/from-dto.js';
import { type Findings, noFindings } from '../findings.js';
import { type ObjectSchema, publishInput, type PublishedOutput, publishOutput } from './published-schema.js';

function input(schema: InputSchema): Findings & { readonly published: ObjectSchema } {
  const findings = noFindings();
  return { ...findings, published: publishInput(schema, 'input', findings) };
}

function output(schema: InputSchema): Findings & { readonly published: PublishedOutput | undefined } {
  const findings = noFindings();
  return { ...findings, published: publishOutput(schema, findings) };
}

/** Parses a schema that the TypeScript compiler cannot check. */
const handWritten = (text: string): InputSchema => {
  const schema: JsonSchemaType = JSON.parse(text);
  return fromJsonSchema(schema);
};

const union = z.discriminatedUnion('k', [
  z.object({ k: z.literal('a'), one: z.string() }),
  z.object({ k: z.literal('b') }),
]);
/** Compiles only without the flag `u`. */
const LENIENT = new RegExp(String.raw`^\d\-\d$`);
const nothing = { problems: [], warnings: [] };

class DueDto {
  @IsDate()
  due!: Date;
}

class CodeDto {
  @Matches(LENIENT)
  code!: string;
}

class ContradictoryDto {
  @IsIn(['a', 'b'])
  @IsIn(['c'])
  letter!: string;
}

describe('publishing an invalid schema', () => {
  it.each([
    ['a string', z.string(), /of type "string"/],
    ['an array', z.array(z.string()), /of type "array"/],
    ['an array behind a reference', z.array(z.string()).meta({ id: 'Refused' }), /of type "array"/],
    ['a union without objects', z.union([z.string(), z.number()]), /of type \["string","number"\]/],
    ['a Date of ArkType', type({ d: 'Date' }), /cannot be converted to JSON Schema: Date/],
    ['a Map of ArkType', type({ m: 'Map' }), /cannot be converted to JSON Schema: Map/],
    ['a bigint of ArkType', type({ n: 'bigint' }), /cannot be converted to JSON Schema: bigint/],
    ['a Date of a class', fromDto(DueDto), /cannot be converted to JSON Schema: DueDto\.due must be a Date/],
    [
      'a pattern of a class',
      fromDto(CodeDto),
      /input member "code" has a pattern that clients cannot compile/,
    ],
    [
      'decorators of a class that allow no value',
      fromDto(ContradictoryDto),
      /clients cannot compile: .*enum/,
    ],
    ['a file', z.object({ f: z.file() }), /cannot be converted to JSON Schema: file/],
    [
      'a promise',
      z.object({ p: z.array(z.promise(z.string())) }),
      /cannot be converted to JSON Schema: promise/,
    ],
    [
      'not representable as JSON Schema',
      z.object({ when: z.date() }),
      /cannot be converted to JSON Schema: Date/,
    ],
    [
      'a reference to nothing',
      fromJsonSchema({ type: 'object', properties: { a: { $ref: '#/$defs/none' } } }),
      /cannot compile: can't resolve reference/,
    ],
    [
      'a root of an unknown type',
      handWritten('{ "type": "objekt" }'),
      /^its input has the invalid JSON Schema type "objekt"\. Use array, boolean/,
    ],
    [
      'a member of an unknown type',
      handWritten('{ "type": "object", "properties": { "a": { "type": ["string", "nul"] } } }'),
      /^its input member "a" has the invalid JSON Schema type "nul"/,
    ],
    [
      'a reference that cannot be read',
      fromJsonSchema({ type: 'object', properties: { a: { $ref: '#/$defs/%E0%A4' } } }),
      /cannot compile: (?:URI malformed|can't resolve reference)/,
    ],
    [
      'a reference at the root that cannot be read',
      fromJsonSchema({ $ref: '#/$defs/%E0%A4' }),
      /cannot compile: (?:URI malformed|can't resolve reference)/,
    ],
    ['of an unknown dialect', fromJsonSchema({ $schema: 'https://example.com/dialect' }), /cannot compile/],
  ])('reports an input that is %s', (_what, schema, problem) => {
    expect(input(schema).problems).toEqual([expect.stringMatching(problem)]);
  });

  it.each([
    ['of zod', z.object({ lines: z.array(z.object({ sku: z.string().regex(LENIENT) })) })],
    [
      'of Valibot',
      toStandardJsonSchema(
        v.object({ lines: v.array(v.object({ sku: v.pipe(v.string(), v.regex(LENIENT)) })) }),
      ),
    ],
    [
      'written by hand',
      fromJsonSchema({
        type: 'object',
        properties: {
          lines: { type: 'array', items: { properties: { sku: { pattern: String.raw`^\d\-\d$` } } } },
        },
      }),
    ],
  ])('reports a pattern that clients cannot compile, in a schema %s', (_whose, schema) => {
    const problem = /"lines\[\]\.sku" has a pattern that clients cannot compile .*flag u/;
    expect(input(schema).problems).toEqual([expect.stringMatching(problem)]);
    expect(output(schema).problems).toEqual([expect.stringMatching(problem)]);
  });

  it('reports an invalid pattern for member names', () => {
    const schema = fromJsonSchema({ type: 'object', patternProperties: { [String.raw`\-`]: {} } });
    expect(input(schema).problems).toEqual([expect.stringMatching(/pattern that clients cannot compile/)]);
  });

  it.each([
    ['a Date', z.object({ at: z.date() })],
    ['a Date behind a transform', z.object({ at: z.date().transform(String).pipe(z.string()) })],
    [
      'a codec from a Date',
      z.object({
        at: z.codec(z.date(), z.iso.datetime(), { decode: String, encode: (text) => new Date(text) }),
      }),
    ],
    [
      'a Map behind a transform',
      z.object({ at: z.map(z.string(), z.string()).transform(String).pipe(z.string()) }),
    ],
    ['a Date of ArkType', type({ at: 'Date' })],
    ['a Date of ArkType behind a transform', type({ at: type('Date').pipe(String).to('string') })],
    ['a Date that ArkType creates', type({ at: 'string.date.parse' })],
    ['a file', z.object({ at: z.file() })],
    ['a file behind a transform', z.object({ at: z.file().transform(String).pipe(z.string()) })],
    ['a promise', z.promise(z.string())],
    ['an object or nothing', z.object({ a: z.string() }).optional()],
    ['an object or nothing, of ArkType', type({ a: 'string' }).or('undefined')],
    ['a transform to an unknown type', z.object({ at: z.string().transform((text) => new Date(text)) })],
  ])('reports an output that takes or returns %s', (_what, schema) => {
    expect(output(schema).problems).toHaveLength(1);
  });
});

describe('publishing an adapted schema', () => {
  it('publishes a union of objects as type object, for results too', () => {
    for (const schema of [union, union.meta({ id: 'Changed' })]) {
      const { published, ...findings } = output(schema);
      expect(findings).toEqual(nothing);
      expect(published?.schema).toMatchObject({ type: 'object', properties: {}, oneOf: [{}, {}] });
      expect(published?.legacySchema).toBe(published?.schema);
    }
  });

  it('replaces a reference at the root by its target', () => {
    const { published, ...findings } = input(
      z.object({ region: z.string() }).meta({ id: 'Inlined', description: 'A region.' }),
    );
    expect(findings).toEqual(nothing);
    expect(published).toEqual({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      description: 'A region.',
      properties: { region: { type: 'string' } },
      required: ['region'],
    });
  });

  it('keeps definitions that are still used', () => {
    const node = z.object({
      value: z.string(),
      get children() {
        return z.array(node);
      },
    });
    const { published, problems } = input(node.meta({ id: 'Node' }));
    expect(problems).toEqual([]);
    expect(published).toMatchObject({ type: 'object', properties: { value: {}, children: {} } });
    expect(output(node.meta({ id: 'Node' })).problems).toEqual([]);
  });

  it.each([
    ['an empty object', z.object({})],
    ['any value', z.any()],
    ['a record', z.record(z.string(), z.string())],
    ['an object or null', z.object({ a: z.string() }).nullable()],
    ['a hand-written object', fromJsonSchema({})],
    ['an object, or nothing, by hand', fromJsonSchema({ type: ['object', 'null'] })],
  ])('publishes type and properties for %s', (_what, schema) => {
    const { published, problems } = input(schema);
    expect(problems).toEqual([]);
    expect(published).toMatchObject({ type: 'object', properties: {} });
  });

  it('wraps an output that is not an object in a member in the legacy era', () => {
    const item = z.object({ n: z.number() }).meta({ id: 'Item' });
    const { published, ...findings } = output(z.array(item));
    expect(findings).toEqual(nothing);
    expect(published?.schema).toMatchObject({ type: 'array', items: { $ref: '#/$defs/Item' } });
    expect(published?.legacySchema).toMatchObject({
      type: 'object',
      properties: { result: { type: 'array', items: { $ref: '#/$defs/Item' } } },
      required: ['result'],
      $defs: { Item: {} },
    });
  });

  it('keeps the references of a recursive schema that it wraps', () => {
    const { published } = output(
      fromJsonSchema({ type: 'array', items: { anyOf: [{ type: 'number' }, { $ref: '#' }] } }),
    );
    expect(published?.legacySchema.properties).toMatchObject({
      result: { items: { anyOf: [{}, { $ref: '#/properties/result' }] } },
    });
  });

  it('omits a pattern with flags', () => {
    const { published } = output(z.object({ a: z.string().regex(/^x$/i), b: z.string().regex(/^y$/) }));
    expect(published?.schema['properties']).toEqual({
      a: { type: 'string' },
      b: { type: 'string', pattern: '^y$' },
    });
  });

  it('omits a pattern with flags of ArkType, and any pattern of an unknown library', () => {
    const ofArkType = type({ r: /^A/i, s: /^B/ });
    const { r, s } = Object(output(ofArkType).published?.schema['properties']);
    expect([r, s]).toEqual([{ type: 'string' }, { type: 'string', pattern: '^B' }]);
    const { '~standard': standard } = z.object({ a: z.string().regex(/^y$/) });
    const unknown: InputSchema = { '~standard': { ...standard, vendor: 'unknown' } };
    expect(output(unknown).published?.schema['properties']).toEqual({ a: { type: 'string' } });
  });

  it('allows each object in an intersection to have the members of the others', () => {
    const named = z.object({ n: z.string() }).meta({ id: 'Part' });
    const nested = z.union([named, z.intersection(z.object({ b: z.string() }), named)]);
    const { published, ...findings } = output(z.intersection(nested, z.record(z.string(), z.string())));
    expect(findings).toEqual(nothing);
    expect(JSON.stringify(published?.schema)).not.toContain('"additionalProperties":false');
  });

  it("does not change the author's schema", () => {
    const schema = Object.freeze({ type: 'array', items: { type: 'string', format: 'uri' } } as const);
    expect(output(fromJsonSchema(schema)).published?.schema).toMatchObject({ items: { type: 'string' } });
    expect(output(fromJsonSchema(schema)).published?.schema).not.toHaveProperty('items.format');
    expect(schema.items.format).toBe('uri');
  });
});

describe('publishing a schema that some clients reject', () => {
  it.each([
    ['any value', z.any().describe('Anything'), /accepts any value, so clients are told of no/],
    [
      'any value, in a schema by hand',
      fromJsonSchema({ $comment: 'later', $defs: { id: { type: 'string' } }, readOnly: true }),
      /accepts any value/,
    ],
    ['a union at the root', union, /oneOf at the root: Anthropic's API/],
    [
      'a member name that an API rejects',
      z.object({ a: z.object({ 'größe €': z.string() }) }),
      /input member "a" .*größe €.*Anthropic/,
    ],
    [
      'a tuple',
      z.object({ at: z.tuple([z.number(), z.number()]) }),
      /input member "at" has prefixItems: Gemini/,
    ],
    [
      'an array without an item schema',
      fromJsonSchema({ type: 'object', properties: { all: { type: 'array' } } }),
      /input member "all" is an array without items: VS Code/,
    ],
    [
      'a definition',
      z.object({ a: z.string().meta({ id: 'Warned' }) }),
      /\$ref \(#\/\$defs\/Warned\): older versions of Gemini/,
    ],
    [
      'a pattern that only JavaScript compiles',
      z.object({ t: z.string().regex(/^\P{Cc}*$/u) }),
      /input member "t" .*clients in Python \(re\) cannot compile \\P\{Cc\}/,
    ],
  ])('warns about an input with %s', (_what, schema, warning) => {
    expect(input(schema)).toMatchObject({ problems: [], warnings: [expect.stringMatching(warning)] });
  });

  it.each([
    [
      'an outdated dialect',
      fromJsonSchema({ $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' }),
      /draft-07.*Claude/,
    ],
    [
      'a pattern that only some engines compile',
      z.object({ t: z.string().regex(/^(?=x)/) }),
      /output member "t" .*clients in Go \(RE2\) cannot compile \(\?=/,
    ],
  ])('warns about an output with %s', (_what, schema, warning) => {
    expect(output(schema)).toMatchObject({ problems: [], warnings: [expect.stringMatching(warning)] });
  });

  it('ignores values that only look like schemas', () => {
    const lookalike = { $ref: '#/nowhere', pattern: '[', type: 'array' };
    const schema = fromJsonSchema({
      type: 'object',
      properties: { default: { type: 'object', default: lookalike, const: lookalike, enum: [lookalike] } },
    });
    expect(input(schema)).toMatchObject(nothing);
  });
});
