import {
  fromJsonSchema as compiledFrom,
  type JsonSchemaType,
  type StandardSchemaWithJSON,
} from '@modelcontextprotocol/server';

import { jsonSchemaIssues } from './json-schema-issues.js';

/**
 * Wraps a JSON Schema for use in place of a zod schema. Startup fails if it cannot be compiled, and reports it together
 * with all other problems.
 *
 * @example
 * ```ts
 * input: fromJsonSchema<{ count: number }>({ type: 'object', properties: { count: { type: 'integer' } } })
 * ```
 */
export function fromJsonSchema<Value = unknown>(
  schema: JsonSchemaType,
): StandardSchemaWithJSON<Value, Value> {
  try {
    const { '~standard': standard } = compiledFrom<Value>(schema);
    const explained = (
      input: unknown,
      outcome: Awaited<ReturnType<typeof standard.validate>>,
    ): typeof outcome =>
      outcome.issues
        ? { issues: outcome.issues.flatMap(({ message }) => jsonSchemaIssues(message, schema, input)) }
        : outcome;
    return {
      '~standard': {
        ...standard,
        validate: (input) => {
          const outcome = standard.validate(input);
          return outcome instanceof Promise
            ? outcome.then((settled) => explained(input, settled))
            : explained(input, outcome);
        },
      },
    };
  } catch (error) {
    const jsonSchema = { input: () => schema, output: () => schema };
    return {
      '~standard': {
        version: 1,
        vendor: 'mcp',
        jsonSchema,
        validate: () => {
          throw error;
        },
      },
    };
  }
}
