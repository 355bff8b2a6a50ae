import type { InputSchema } from '../../decorators/mcp-tool.decorator.js';
import { isRecord } from '../../is-record.js';
import type { JsonSchema } from './subschemas.js';

/**
 * The JSON Schema (2020-12) of what goes into a schema, or comes out of it: a copy of its own.
 *
 * @throws {Error} when the library cannot say, or what it says is not JSON
 */
export function toJsonSchema(
  { '~standard': standard }: InputSchema,
  direction: 'input' | 'output',
): JsonSchema {
  const json = standard.jsonSchema[direction]({
    target: 'draft-2020-12',
    ...(standard.vendor === 'zod' && { libraryOptions: { override: dropFlaggedPatterns } }),
  });
  const copy: unknown = JSON.parse(JSON.stringify(json));
  if (!isRecord(copy)) throw new Error('it is not an object');
  return copy;
}

/** Types of zod whose values are not JSON. */
const NOT_JSON = new Set<unknown>(['bigint', 'date', 'map', 'nan', 'set', 'symbol']);

/**
 * Why what a tool returns can never fit its output schema; undefined when it can. Results are checked as the JSON
 * that the caller gets: where the schema takes a `Date`, for instance to transform it, it would be given a text.
 */
export function inputFault(schema: InputSchema): string | undefined {
  const { vendor, jsonSchema } = schema['~standard'];
  const target = 'draft-2020-12';
  try {
    jsonSchema.input({ target });
    return undefined;
  } catch (error) {
    if (vendor !== 'zod') return error instanceof Error ? error.message : String(error);
  }
  const types = new Set<unknown>();
  const override = ({ zodSchema }: Overriding): void => {
    const { type, coerce } = definitionOf(zodSchema);
    if (NOT_JSON.has(type) && coerce !== true) types.add(type);
  };
  jsonSchema.input({ target, libraryOptions: { unrepresentable: 'any', override } });
  return types.size === 0 ? undefined : [...types].join(', ');
}

/** What zod gives its override of a conversion. */
interface Overriding {
  readonly zodSchema: unknown;
  readonly jsonSchema: JsonSchema;
}

/** JSON Schema has no flags: without them, a pattern refuses values that the tool accepts and returns. */
function dropFlaggedPatterns({ zodSchema, jsonSchema }: Overriding): void {
  const flagged = new Set(
    regularExpressionsOf(zodSchema)
      .filter(({ flags }) => /[ims]/.test(flags))
      .map(({ source }) => source),
  );
  if (flagged.size === 0) return;
  const isFlagged = (schema: unknown): boolean =>
    isRecord(schema) && typeof schema['pattern'] === 'string' && flagged.has(schema['pattern']);
  if (isFlagged(jsonSchema)) delete jsonSchema['pattern'];
  const { allOf } = jsonSchema;
  if (Array.isArray(allOf)) jsonSchema['allOf'] = allOf.filter((schema) => !isFlagged(schema));
}

function regularExpressionsOf(zodSchema: unknown): RegExp[] {
  const definition = definitionOf(zodSchema);
  const checks = Array.isArray(definition['checks']) ? definition['checks'].map(definitionOf) : [];
  return [definition, ...checks].map(({ pattern }) => pattern).filter((pattern) => pattern instanceof RegExp);
}

function definitionOf(zodSchema: unknown): Record<string, unknown> {
  const internals = isRecord(zodSchema) ? zodSchema['_zod'] : undefined;
  const definition = isRecord(internals) ? internals['def'] : undefined;
  return isRecord(definition) ? definition : {};
}
