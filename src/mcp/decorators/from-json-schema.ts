import {
  fromJsonSchema as compiledFrom,
  type JsonSchemaType,
  type StandardSchemaWithJSON,
} from '@modelcontextprotocol/server';

/**
 * Takes a JSON Schema where a schema of zod would do. One that cannot be compiled stops the start, together with
 * everything else that is wrong.
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
