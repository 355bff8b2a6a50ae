import { isRecord } from '../../values/is-record.js';
import type { JsonSchema } from '../../values/json-schema.js';
import { recordIn } from '../../values/record-in.js';
import { DIGITS } from '../controllers/tool-request.js';

/** Copies a converted schema without what only the API should check: it may take exponential or quadratic time. */
export function withoutCostly(schema: JsonSchema): JsonSchema {
  const { pattern, format: _format, uniqueItems: _uniqueItems, ...kept } = schema;
  const { properties, additionalProperties, items, anyOf, allOf } = kept;
  const inner = (part: unknown): JsonSchema => withoutCostly(recordIn(part));
  return {
    ...kept,
    ...(pattern === DIGITS && { pattern }),
    ...(isRecord(properties) && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, member]) => [name, inner(member)]),
      ),
    }),
    ...(isRecord(additionalProperties) && { additionalProperties: inner(additionalProperties) }),
    ...(isRecord(items) && { items: inner(items) }),
    ...(Array.isArray(anyOf) && { anyOf: anyOf.map(inner) }),
    ...(Array.isArray(allOf) && { allOf: allOf.map(inner) }),
  };
}
