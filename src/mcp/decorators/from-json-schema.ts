import {
  fromJsonSchema as compiledFrom,
  type JsonSchemaType,
  type StandardSchemaWithJSON,
} from '@modelcontextprotocol/server';

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
    return compiledFrom<Value>(schema);
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
