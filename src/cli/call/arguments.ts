import type { Tool } from '@modelcontextprotocol/client';

import { didYouMean } from '../../values/closest-name.js';
import { isRecord } from '../../values/is-record.js';
import { UsageError } from '../terminal/usage-error.js';

/** Arguments on the command line, each `name=value`. */
export interface GivenArguments {
  readonly arg?: readonly string[];
  readonly jsonArg?: readonly string[];
}

/**
 * Reads the arguments of a call. The schema of the tool decides whether text is a number or a boolean.
 *
 * @throws {UsageError} when an argument is invalid
 */
export function readArguments(
  { arg = [], jsonArg = [] }: GivenArguments,
  schema: Tool['inputSchema'],
): Record<string, unknown> {
  const texts = arg.map((given) => split('--arg', given));
  const values = jsonArg.map((given) => split('--json-arg', given));
  for (const [name] of [...texts, ...values]) requireKnown(name, schema);
  return Object.fromEntries([
    ...texts.map(([name, text]) => [name, typed(text, schema.properties?.[name])]),
    ...values.map(([name, json]) => [name, parsed(name, json)]),
  ]);
}

/** Members of a schema that describe arguments elsewhere than in `properties`. */
const FURTHER_ARGUMENTS = ['$ref', 'allOf', 'anyOf', 'oneOf', 'if', 'patternProperties', 'dependentSchemas'];

/** @throws {UsageError} when the schema lists the arguments, and not this one: many servers would ignore it */
function requireKnown(name: string, schema: Tool['inputSchema']): void {
  const { properties = {}, additionalProperties } = schema;
  const isOpen = additionalProperties || FURTHER_ARGUMENTS.some((member) => member in schema);
  if (isOpen || Object.hasOwn(properties, name)) return;
  const known = Object.keys(properties);
  throw new UsageError(
    `The tool has no argument "${name}".${didYouMean(name, known)} ` +
      `It has: ${known.join(', ') || 'none'}.`,
  );
}

function split(option: string, given: string): [name: string, value: string] {
  const separator = given.indexOf('=');
  if (separator < 1) throw new UsageError(`${option} "${given}" is not name=value.`);
  return [given.slice(0, separator), given.slice(separator + 1)];
}

/** Converts text to the type of the schema. The server rejects text that does not fit. */
function typed(text: string, schema: unknown): unknown {
  const type = isRecord(schema) ? schema['type'] : undefined;
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  const isNumber = (type === 'number' || type === 'integer') && text.trim() !== '';
  return isNumber && Number.isFinite(Number(text)) ? Number(text) : text;
}

function parsed(name: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new UsageError(`--json-arg "${name}" is not JSON. Use --arg for plain text.`);
  }
}
