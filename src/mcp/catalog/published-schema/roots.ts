import { isRecord } from '../../../values/is-record.js';
import { type JsonSchema, typesOf } from '../../../values/json-schema.js';
import { recordIn } from '../../../values/record-in.js';
import { namesDefinition, resolved } from './references.js';
import { subschemas } from './subschemas.js';

/** Whether an object can satisfy a schema, judged by its types. */
export const admitsObject = (document: JsonSchema): boolean => admits(document, document, 'object', 'some');

/** Whether only objects can satisfy a schema, judged by its types. */
export const admitsOnlyObjects = (document: JsonSchema): boolean =>
  admits(document, document, 'object', 'all');

/** Whether a string can satisfy a part of a document. */
export const admitsText = (schema: unknown, document: JsonSchema): boolean =>
  admits(schema, document, 'string', 'some');

/**
 * @param type the type to look for
 * @param quantity whether some value or all values must have the type
 */
function admits(
  schema: unknown,
  document: JsonSchema,
  type: 'object' | 'string',
  quantity: 'some' | 'all',
  seen: ReadonlySet<unknown> = new Set(),
): boolean {
  if (!isRecord(schema) || seen.has(schema)) return schema !== false && quantity === 'some';
  const inner = (part: unknown): boolean =>
    admits(part, document, type, quantity, new Set([...seen, schema]));
  // Each keyword restricts the value independently; all of them apply.
  const verdicts: boolean[] = [];
  if ('type' in schema) verdicts.push(holds(typesOf(schema), (name) => name === type, quantity));
  if ('const' in schema) verdicts.push(isOf(schema['const'], type));
  if (Array.isArray(schema['enum'])) {
    verdicts.push(holds(schema['enum'], (value) => isOf(value, type), quantity));
  }
  if (typeof schema['$ref'] === 'string') verdicts.push(inner(resolved(document, schema['$ref']) ?? {}));
  for (const branches of [schema['anyOf'], schema['oneOf']]) {
    if (Array.isArray(branches)) verdicts.push(holds(branches, inner, quantity));
  }
  if (Array.isArray(schema['allOf'])) verdicts.push(...schema['allOf'].map(inner));
  return quantity === 'some' ? verdicts.every(Boolean) : verdicts.some(Boolean);
}

const holds = (
  values: readonly unknown[],
  test: (value: unknown) => boolean,
  quantity: 'some' | 'all',
): boolean => (quantity === 'some' ? values.some(test) : values.length > 0 && values.every(test));

const isOf = (value: unknown, type: 'object' | 'string'): boolean =>
  type === 'string' ? typeof value === 'string' : isRecord(value);

/** Adds the members that clients expect in an object schema: `type`, and `properties` even if empty. */
export function asObject(schema: JsonSchema): JsonSchema & { readonly type: 'object' } {
  const { properties } = schema;
  return { ...schema, type: 'object', properties: recordIn(properties) };
}

/** Member that holds a non-object value in the legacy era, where structured content must be an object. */
export const WRAPPED = 'result';

/** Wraps a schema in an object schema whose only member has the given schema. */
export function wrapped(schema: JsonSchema): JsonSchema & { readonly type: 'object' } {
  const { $schema, $defs, definitions, ...value } = structuredClone(schema);
  const wrap = (inner: JsonSchema, beside: JsonSchema = {}): JsonSchema & { readonly type: 'object' } => ({
    ...($schema !== undefined && { $schema }),
    type: 'object',
    properties: { [WRAPPED]: inner },
    required: [WRAPPED],
    ...beside,
  });
  if ('$id' in schema) return wrap(schema); // its references are relative to itself
  const beside = {
    ...($defs !== undefined && { $defs }),
    ...(definitions !== undefined && { definitions }),
  };
  for (const { schema: part } of subschemas({ ...value, ...beside })) {
    for (const keyword of ['$ref', '$dynamicRef']) {
      const reference = part[keyword];
      if (typeof reference !== 'string' || !/^#(\/|$)/.test(reference) || namesDefinition(reference))
        continue;
      part[keyword] = `#/properties/${WRAPPED}${reference.slice(1)}`;
    }
  }
  return wrap(value, beside);
}
