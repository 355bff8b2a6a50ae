import { isRecord } from '../../../values/is-record.js';
import type { JsonSchema } from '../../../values/json-schema.js';

/** Schema within a document. */
export interface Subschema {
  readonly schema: JsonSchema;
  /** Member that the schema describes, such as `lines[].price`; empty for the root. */
  readonly path: string;
}

const SCHEMAS =
  'additionalItems additionalProperties contains contentSchema else if items not propertyNames then unevaluatedItems unevaluatedProperties'.split(
    ' ',
  );
const LISTS = ['allOf', 'anyOf', 'items', 'oneOf', 'prefixItems'];
const MAPS = ['$defs', 'definitions', 'dependentSchemas', 'patternProperties', 'properties'];

/** Yields every schema in a document, root first. Skips values that only look like schemas, such as in `const`. */
export function* subschemas(schema: JsonSchema, path = ''): Generator<Subschema> {
  yield { schema, path };
  for (const keyword of SCHEMAS) {
    const value = schema[keyword];
    if (isRecord(value)) yield* subschemas(value, keyword === 'items' ? `${path}[]` : path);
  }
  for (const keyword of LISTS) {
    const value = schema[keyword];
    if (!Array.isArray(value)) continue;
    for (const [index, item] of value.entries()) {
      const isPlace = keyword === 'prefixItems' || keyword === 'items';
      if (isRecord(item)) yield* subschemas(item, isPlace ? `${path}[${index}]` : path);
    }
  }
  for (const keyword of MAPS) {
    const value = schema[keyword];
    if (!isRecord(value)) continue;
    for (const [name, item] of Object.entries(value)) {
      if (isRecord(item)) yield* subschemas(item, memberPath(path, keyword, name));
    }
  }
}

function memberPath(path: string, keyword: string, name: string): string {
  if (keyword === 'properties') return path === '' ? name : `${path}.${name}`;
  if (keyword === '$defs' || keyword === 'definitions') return `${keyword}.${name}`;
  return path;
}
