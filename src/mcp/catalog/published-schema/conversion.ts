import type { InputSchema } from '../../decorators/mcp-tool.decorator.js';
import { isRecord } from '../../is-record.js';
import { ARKTYPE_OPTIONS, flaggedPatternsOf } from './arktype-schemas.js';
import { type JsonSchema, subschemas } from './subschemas.js';
import { zodOptions } from './zod-schemas.js';

/** The vendor of schemas that `fromJsonSchema` makes. */
export const HAND_WRITTEN = 'mcp';

const TARGET = 'draft-2020-12';

/**
 * The JSON Schema (2020-12) of what goes into a schema, or comes out of it: a copy of its own.
 *
 * @param takesTexts whether values come as texts only
 * @throws {Error} when the library cannot say, what it says is not JSON, or the values are not
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
 * Why what a tool returns can never fit its output schema; undefined when it can. Results are checked as the JSON
 * that the caller gets: where the schema takes a `Date`, for instance to transform it, it would be given a text.
 */
export function inputFault(schema: InputSchema): string | undefined {
  const { vendor, jsonSchema } = schema['~standard'];
  try {
    toJsonSchema(schema, 'input');
    return undefined;
  } catch (error) {
    if (vendor !== 'zod') return error instanceof Error ? error.message : String(error);
  }
  const notJson = new Set<string>();
  jsonSchema.input({ target: TARGET, libraryOptions: { ...zodOptions(notJson), unrepresentable: 'any' } });
  return notJson.size === 0 ? undefined : [...notJson].join(', ');
}

/** Libraries whose patterns have no flags that matter: zod's are left out already, Valibot refuses them. */
const WITHOUT_FLAGS = new Set(['zod', 'valibot', HAND_WRITTEN]);

/** Which patterns may have flags, which JSON Schema does not have; undefined where none does. */
function flaggedIn(schema: InputSchema): ((pattern: string) => boolean) | undefined {
  const { vendor } = schema['~standard'];
  if (WITHOUT_FLAGS.has(vendor)) return undefined;
  if (vendor !== 'arktype') return () => true; // nobody knows
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
      delete schema['additionalProperties']; // would apply to what the pattern named
    }
  }
}
