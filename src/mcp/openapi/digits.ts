import { type ApiDocument, follow } from '../controllers/api-document.js';
import { invalid } from '../controllers/invalid-argument.js';
import { DIGITS } from '../controllers/tool-request.js';
import { isRecord } from '../../values/is-record.js';
import { type JsonSchema, typesOf } from '../../values/json-schema.js';
import { recordIn } from '../../values/record-in.js';

/**
 * Accepts 64-bit integers as strings too, alone or in a list. They become text anyway, and a number loses digits beyond
 * 2^53.
 *
 * @param source schema in the document
 */
export function orDigits(document: ApiDocument, source: unknown, converted: JsonSchema): JsonSchema {
  const { format, items } = follow(document, source);
  const { type, items: convertedItems } = converted;
  if (isRecord(convertedItems)) return { ...converted, items: orDigits(document, items, convertedItems) };
  if (format !== 'int64' || !isInteger(converted)) return converted;
  return { ...converted, type: [type, 'string'].flat(), pattern: DIGITS };
}

const isInteger = (schema: JsonSchema): boolean => typesOf(schema).includes('integer');

/** Length of the smallest 64-bit integer. */
const MAX_LENGTH = '-9223372036854775808'.length;

type Bound = readonly [string, string, (integer: bigint, bound: number) => boolean];

const BOUNDS: readonly Bound[] = [
  ['minimum', '>=', (integer, bound) => integer >= bound],
  ['maximum', '<=', (integer, bound) => integer <= bound],
  ['exclusiveMinimum', '>', (integer, bound) => integer > bound],
  ['exclusiveMaximum', '<', (integer, bound) => integer < bound],
];

/**
 * Checks the bounds of integers that are passed as strings. JSON Schema checks them only for numbers.
 *
 * @throws {Refusal} when an integer is outside of its bounds
 */
export function requireBounds(name: string, schema: JsonSchema, value: unknown): void {
  if (Array.isArray(value)) {
    for (const one of value) requireBounds(name, recordIn(schema['items']), one);
  } else if (typeof value === 'string' && schema['pattern'] === DIGITS && isInteger(schema)) {
    if (value.length > MAX_LENGTH) throw invalid(name, 'must be a 64-bit integer');
    const integer = BigInt(value);
    for (const [keyword, sign, isWithin] of BOUNDS) {
      const bound = schema[keyword];
      if (typeof bound === 'number' && !isWithin(integer, bound)) {
        throw invalid(name, `must be ${sign} ${bound}`);
      }
    }
  }
}
