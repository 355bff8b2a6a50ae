import type { JsonSchemaType } from '@modelcontextprotocol/server';

import type { JsonSchema } from '../../values/json-schema.js';
import { messageOf } from '../../values/trace-of.js';
import { admitsOnlyObjects } from '../catalog/published-schema/roots.js';
import { fromJsonSchema } from '../decorators/from-json-schema.js';
import type { InputSchema } from '../decorators/mcp-tool.decorator.js';
import type { ApiDocumentation } from './api-documentation.js';
import { type ClassSchema, documentedSchema, documentedType, propertiesOf } from './class-schema.js';
import { rawSchema } from './raw-schema.js';

/**
 * Returns the schema of the response that `@ApiOkResponse({ type })` or the like declares: a class, a list of one, or a
 * schema of objects or lists. Returns undefined for other types, whose texts need no schema.
 */
export function declaredOutput(documentation: ApiDocumentation, problems: string[]): InputSchema | undefined {
  const { response = {}, models } = documentation;
  try {
    const raw = rawSchema(response, 'output', { classes: models, schemaOf: documentedSchema });
    const schema = raw ? structured(raw) : schemaOfType(response);
    return schema && fromJsonSchema(schema);
  } catch (error) {
    problems.push(`its response cannot be derived: ${messageOf(error)} Or write output: false.`);
    return undefined;
  }
}

const structured = (schema: JsonSchema): JsonSchemaType | undefined =>
  schema['type'] === 'array' || admitsOnlyObjects(schema) ? copyOf(schema) : undefined;

function schemaOfType(response: Readonly<Record<string, unknown>>): JsonSchemaType | undefined {
  if (response['type'] === undefined) return undefined;
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
  return copyOf({ ...own, ...(Object.keys(definitions).length > 0 && { $defs: definitions }) });
}

function copyOf(schema: JsonSchema): JsonSchemaType {
  const copy: JsonSchemaType = JSON.parse(JSON.stringify(schema));
  return copy;
}
