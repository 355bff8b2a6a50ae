import type { Tool } from '@modelcontextprotocol/server';

import type { InputSchema } from '../decorators/mcp-tool.decorator.js';

/** A JSON Schema of an object. */
export type ObjectSchema = Tool['inputSchema'];

/** Of arguments that there are none of. */
export const NO_ARGUMENTS = { type: 'object', additionalProperties: false } as const;

/** The JSON Schema (2020-12) of what goes into a schema, or comes out of it. */
export function jsonSchemaOf(
  schema: InputSchema,
  what: 'input' | 'output' | 'arguments',
  problems: string[],
): Record<string, unknown> | undefined {
  try {
    return schema['~standard'].jsonSchema[what === 'output' ? 'output' : 'input']({
      target: 'draft-2020-12',
    });
  } catch (error) {
    problems.push(
      `its ${what} cannot become JSON Schema: ${error instanceof Error ? error.message : String(error)}`,
    );
    return undefined;
  }
}

/** The same of arguments, which are always an object. */
export function objectSchemaOf(
  schema: InputSchema,
  what: 'input' | 'arguments',
  problems: string[],
): ObjectSchema {
  const json = jsonSchemaOf(schema, what, problems);
  if (!json) return NO_ARGUMENTS;
  if (json['type'] === undefined || json['type'] === 'object') return { ...json, type: 'object' };
  problems.push(`its ${what} is of type ${JSON.stringify(json['type'])}, but arguments are always an object`);
  return NO_ARGUMENTS;
}
