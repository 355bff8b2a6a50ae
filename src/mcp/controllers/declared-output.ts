import type { JsonSchemaType } from '@modelcontextprotocol/server';

import { fromJsonSchema } from '../decorators/from-json-schema.js';
import type { InputSchema } from '../decorators/mcp-tool.decorator.js';
import type { JsonSchema } from '../dto/rule-keywords.js';
import type { ApiDocumentation } from './api-documentation.js';
import { type ClassSchema, documentedSchema, documentedType, propertiesOf } from './class-schema.js';

/**
 * Returns the schema of the response type that `@ApiOkResponse({ type })` or the like declares: a class or a list of
 * one. Returns undefined for other types, whose texts need no schema.
 */
export function declaredOutput({ response }: ApiDocumentation): InputSchema | undefined {
  if (response?.['type'] === undefined) return undefined;
  const definitions: JsonSchema = {};
  let isEmpty = true;
  const schema = documentedType(response, (type) => {
    const found: ClassSchema = documentedSchema(type);
    Object.assign(definitions, found.definitions);
    isEmpty &&= Object.keys(propertiesOf(found.schema)).length === 0;
    return found.schema;
  });
  if (isEmpty) return undefined;
  const { description: _description, ...own } = schema;
  const json = { ...own, ...(Object.keys(definitions).length > 0 && { $defs: definitions }) };
  const copy: JsonSchemaType = JSON.parse(JSON.stringify(json));
  return fromJsonSchema(copy);
}
