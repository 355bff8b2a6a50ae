import type { InputSchema } from '../../decorators/mcp-tool.decorator.js';
import { DTO_VENDOR } from '../../dto/from-dto.js';
import { isRecord } from '../../../values/is-record.js';
import type { JsonSchema } from '../../../values/json-schema.js';
import { ARKTYPE_OPTIONS, flaggedPatternsOf } from './arktype-schemas.js';
import { subschemas } from './subschemas.js';
import { zodOptions } from './zod-schemas.js';
import { messageOf } from '../../../values/trace-of.js';

/** Vendor of schemas that `fromJsonSchema` creates. */
export const HAND_WRITTEN = 'mcp';

const TARGET = 'draft-2020-12';

/**
 * Converts a schema to JSON Schema (2020-12), for its input or its output. Returns a fresh copy.
 *
 * @param takesTexts whether all values arrive as strings
 * @throws {Error} when the library cannot convert the schema, or JSON cannot represent its values
 */
export function toJsonSchema(
  schema: InputSchema,
  direction: 'input' | 'output',
  takesTexts = false,
): JsonSchema {
  const { vendor, jsonSchema } = schema['~standard'];
  const notJson = new Set<string>();
  const libraryOptions =
    vendor === 'zod' ? zodOptions(notJson, takesTexts) : vendor === 'arktype' ? ARKTYPE_OPTIONS : undefined;
  const json = jsonSchema[direction]({
    target: TARGET,
    ...(libraryOptions && { libraryOptions: { ...libraryOptions } }),
  });
  if (notJson.size > 0) throw new Error(`${[...notJson].join(', ')} cannot be represented in JSON Schema`);
  const copy: unknown = JSON.parse(JSON.stringify(json));
  if (!isRecord(copy)) throw new Error('it is not an object');
  const isFlagged = flaggedIn(schema);
  if (isFlagged) dropPatterns(copy, isFlagged);
  return copy;
}

/**
 * Returns the reason why no result can match an output schema, or undefined if results can match.
 *
 * Results are validated as the JSON that the caller receives. A schema that takes a `Date`, for example to transform
 * it, would receive a string.
 */
export function inputFault(schema: InputSchema): string | undefined {
  const { vendor, jsonSchema } = schema['~standard'];
  try {
    toJsonSchema(schema, 'input');
    return undefined;
  } catch (error) {
    if (vendor !== 'zod') return messageOf(error);
  }
  const notJson = new Set<string>();
  jsonSchema.input({ target: TARGET, libraryOptions: { ...zodOptions(notJson), unrepresentable: 'any' } });
  return notJson.size === 0 ? undefined : [...notJson].join(', ');
}

/** Libraries whose patterns need no check for flags: they have been removed already, or Valibot rejects them. */
const WITHOUT_FLAGS = new Set(['zod', 'valibot', DTO_VENDOR, HAND_WRITTEN]);

/** Returns a check for patterns that may have flags, which JSON Schema does not support; undefined if none has. */
function flaggedIn(schema: InputSchema): ((pattern: string) => boolean) | undefined {
  const { vendor } = schema['~standard'];
  if (WITHOUT_FLAGS.has(vendor)) return undefined;
  if (vendor !== 'arktype') return () => true; // unknown library: any pattern may have flags
  const flagged = flaggedPatternsOf(schema);
  return (pattern) => flagged.has(pattern);
}

function dropPatterns(document: JsonSchema, isDropped: (pattern: string) => boolean): void {
  for (const { schema } of subschemas(document)) {
    const { pattern, patternProperties } = schema;
    if (typeof pattern === 'string' && isDropped(pattern)) delete schema['pattern'];
    if (!isRecord(patternProperties)) continue;
    for (const name of Object.keys(patternProperties).filter(isDropped)) {
      delete patternProperties[name];
      delete schema['additionalProperties']; // would apply to the names that the pattern matched
    }
  }
}

/** Whether a value is a schema that {@link toJsonSchema} can convert. */
export const isInputSchema = (value: unknown): value is InputSchema => {
  const standard: unknown =
    (typeof value === 'object' || typeof value === 'function') && value !== null
      ? Reflect.get(value, '~standard')
      : undefined;
  return isRecord(standard) && isRecord(standard['jsonSchema']);
};
