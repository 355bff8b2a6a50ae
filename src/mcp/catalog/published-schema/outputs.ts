import { isRecord } from '../../../values/is-record.js';
import type { JsonSchema } from '../../../values/json-schema.js';
import { resolved } from './references.js';
import { subschemas } from './subschemas.js';
import { listIn } from '../../../values/list-in.js';

/**
 * Formats that clients and schema libraries check alike. `uri` is excluded: libraries accept https://example.com/ü.
 * Library-specific formats, such as zod's `emoji`, make clients print warnings on their console.
 */
export const PUBLISHED_FORMATS: ReadonlySet<unknown> = new Set<unknown>([
  'date',
  'date-time',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uuid',
]);

/** Changes an output schema in place wherever official clients would misread it and reject valid results. */
export function adaptOutput(document: JsonSchema): void {
  for (const { schema } of subschemas(document)) {
    for (const part of listIn(schema['allOf'])) openForOthers(part, document, new Set());
    adaptTuple(schema);
    // Clients divide in floating point, where 0.07 / 0.01 is 7.000000000000001.
    if (!Number.isInteger(schema['multipleOf'])) delete schema['multipleOf'];
    if (!PUBLISHED_FORMATS.has(schema['format'])) delete schema['format'];
  }
}

/** Adapts a tuple for SDK v1, which reads every schema as draft-07: `prefixItems` is ignored, `items` applies to all. */
function adaptTuple(schema: JsonSchema): void {
  const { prefixItems, items, maxItems } = schema;
  if (!Array.isArray(prefixItems) || items === undefined || Array.isArray(items)) return;
  if (items === false) {
    delete schema['items'];
    schema['maxItems'] = Math.min(typeof maxItems === 'number' ? maxItems : Infinity, prefixItems.length);
  } else if (isRecord(items)) {
    schema['items'] = { anyOf: [...structuredClone(prefixItems), items] };
  }
}

/**
 * Allows the objects of an intersection to have the members of its other parts. Libraries forbid additional members
 * because they strip them, but the parts of an intersection keep each other's members.
 */
function openForOthers(part: unknown, document: JsonSchema, seen: Set<unknown>): void {
  if (!isRecord(part) || seen.has(part)) return;
  seen.add(part);
  const { $ref: reference, allOf, anyOf, oneOf } = part;
  if (part['additionalProperties'] === false) delete part['additionalProperties'];
  if (typeof reference === 'string') openForOthers(resolved(document, reference), document, seen);
  for (const inner of [...listIn(allOf), ...listIn(anyOf), ...listIn(oneOf)])
    openForOthers(inner, document, seen);
  // Open objects can match several branches, which oneOf forbids.
  if (oneOf === undefined || anyOf !== undefined) return;
  part['anyOf'] = oneOf;
  delete part['oneOf'];
}
