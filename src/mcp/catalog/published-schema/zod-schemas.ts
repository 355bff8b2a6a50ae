import { isRecord } from '../../is-record.js';
import type { JsonSchema } from './subschemas.js';

/** Types of zod whose values are not JSON. zod itself publishes some of them as what they hold, or as text. */
const NOT_JSON = new Set<unknown>([
  'bigint',
  'date',
  'file',
  'function',
  'map',
  'nan',
  'promise',
  'set',
  'symbol',
]);

/** What zod gives its override of a conversion. */
interface Overriding {
  readonly zodSchema: unknown;
  readonly jsonSchema: JsonSchema;
}

/**
 * Options for a conversion of zod.
 *
 * @param notJson receives the types whose values are not JSON
 * @param takesTexts whether values come as texts only: a number that is made of any value (`z.coerce.number()`) is one
 */
export function zodOptions(
  notJson: Set<string>,
  takesTexts = false,
): { override: (overriding: Overriding) => void } {
  return {
    override: (overriding) => {
      const { zodSchema, jsonSchema } = overriding;
      const { type, coerce } = definitionOf(zodSchema);
      if (NOT_JSON.has(type) && coerce !== true) notJson.add(String(type));
      if (takesTexts && coerce === true) jsonSchema['type'] = 'string';
      dropFlaggedPatterns(overriding);
    },
  };
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
