import { AjvJsonSchemaValidator } from '@modelcontextprotocol/server/validators/ajv';

import { type JsonSchema, subschemas } from './subschemas.js';

const DRAFT_07 = 'http://json-schema.org/draft-07/schema#';

/**
 * Why an official client cannot compile an output schema; undefined when all can. A client that cannot has no tools
 * at all: it compiles the schemas as soon as it has the list. SDK v2 reads the dialect that a schema declares, SDK v1
 * reads every schema as draft-07.
 */
export function compileFault(schema: JsonSchema): string | undefined {
  const validator = new AjvJsonSchemaValidator();
  const copy = structuredClone(schema);
  // No format keeps a schema from being compiled, and unknown ones would be reported on the console.
  for (const { schema: part } of subschemas(copy)) delete part['format'];
  try {
    validator.getValidator(copy);
    validator.getValidator({ ...copy, $schema: DRAFT_07 });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
