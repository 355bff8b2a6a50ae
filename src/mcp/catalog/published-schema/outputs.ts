import { isRecord } from '../../is-record.js';
import { resolved } from './references.js';
import { type JsonSchema, subschemas } from './subschemas.js';

/**
 * Formats that clients check as schema libraries do. A `uri` is none: libraries accept https://example.com/ü. Formats
 * of a library's own, such as zod's `emoji`, make clients complain on their console.
 */
const FORMATS = new Set<unknown>([
  'date',
  'date-time',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uuid',
]);

/**
 * Changes an output schema where official clients, which check results against it, would read it otherwise than it is
 * meant and refuse valid results.
 */
export function adaptOutput(document: JsonSchema): void {
  for (const { schema } of subschemas(document)) {
    for (const part of listIn(schema['allOf'])) openForOthers(part, document, new Set());
    adaptTuple(schema);
    // Clients divide in floating point: 0.07 / 0.01 is 7.000000000000001.
    if (!Number.isInteger(schema['multipleOf'])) delete schema['multipleOf'];
    if (!FORMATS.has(schema['format'])) delete schema['format'];
  }
}

/** SDK v1 reads every schema as draft-07, which ignores `prefixItems` and applies `items` to all items. */
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
 * Lets the objects of an intersection have the members of its other parts. Libraries say of an object that it has no
 * other members because they strip them, but each part of an intersection leaves the others' in place.
 */
function openForOthers(part: unknown, document: JsonSchema, seen: Set<unknown>): void {
  if (!isRecord(part) || seen.has(part)) return;
  seen.add(part);
  const { $ref: reference, allOf, anyOf, oneOf } = part;
  if (part['additionalProperties'] === false) delete part['additionalProperties'];
  if (typeof reference === 'string') openForOthers(resolved(document, reference), document, seen);
  for (const inner of [...listIn(allOf), ...listIn(anyOf), ...listIn(oneOf)])
    openForOthers(inner, document, seen);
  // Open objects can fit several of its branches.
  if (oneOf === undefined || anyOf !== undefined) return;
  part['anyOf'] = oneOf;
  delete part['oneOf'];
}

const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
