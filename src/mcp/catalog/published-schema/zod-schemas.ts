import type { InputSchema } from '../../decorators/mcp-tool.decorator.js';
import { REDACT_KEYWORD } from '../../dto/redact.js';
import { isRecord } from '../../../values/is-record.js';
import type { JsonSchema } from '../../../values/json-schema.js';
import { recordIn } from '../../../values/record-in.js';
import { listIn } from '../../../values/list-in.js';
import { subschemas } from './subschemas.js';

/** zod types whose values are not JSON. zod itself publishes some of them as their contents or as a string. */
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

/** Argument of zod's conversion override. */
interface Overriding {
  readonly zodSchema: unknown;
  readonly jsonSchema: JsonSchema;
}

/**
 * Returns options for converting zod schemas to JSON Schema.
 *
 * @param notJson receives the types whose values are not JSON
 * @param takesTexts whether all values arrive as strings; then a coerced type (`z.coerce.number()`) is published as one
 * @param examined outputs of pipes that are being examined for marks, because a pipe may contain itself
 */
export function zodOptions(
  notJson: Set<string>,
  takesTexts = false,
  examined: ReadonlySet<unknown> = new Set(),
): { override: (overriding: Overriding) => void } {
  return {
    override: (overriding) => {
      const { zodSchema, jsonSchema } = overriding;
      const { type, coerce } = definitionOf(zodSchema);
      if (NOT_JSON.has(type) && coerce !== true) notJson.add(String(type));
      if (takesTexts && coerce === true) jsonSchema['type'] = 'string';
      if (type === 'pipe') keepMark(overriding, examined);
      dropFlaggedPatterns(overriding);
    },
  };
}

/** Marks the input of a pipe or codec whose output is marked anywhere: JSON Schema has only one of its two sides. */
function keepMark({ zodSchema, jsonSchema }: Overriding, examined: ReadonlySet<unknown>): void {
  const { in: input, out: output } = definitionOf(zodSchema);
  // The input of z.preprocess() is published with the schema of its output, and its marks.
  if (definitionOf(input)['type'] !== 'transform' && hasMark(output, examined))
    jsonSchema[REDACT_KEYWORD] = true;
}

function hasMark(schema: unknown, examined: ReadonlySet<unknown>): boolean {
  if (!isSchema(schema) || examined.has(schema)) return false;
  const options = zodOptions(new Set(), false, new Set([...examined, schema]));
  const libraryOptions = { ...options, unrepresentable: 'any' };
  const converted = schema['~standard'].jsonSchema.input({ target: 'draft-2020-12', libraryOptions });
  return [...subschemas(converted)].some((part) => part.schema[REDACT_KEYWORD] === true);
}

const isSchema = (value: unknown): value is InputSchema => isRecord(value) && '~standard' in value;

/** Removes patterns with flags. JSON Schema has no flags, so the pattern would reject values that the tool accepts. */
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
  const checks = listIn(definition['checks']).map(definitionOf);
  return [definition, ...checks].map(({ pattern }) => pattern).filter((pattern) => pattern instanceof RegExp);
}

const definitionOf = (zodSchema: unknown): Readonly<Record<string, unknown>> =>
  recordIn(recordIn(recordIn(zodSchema)['_zod'])['def']);
