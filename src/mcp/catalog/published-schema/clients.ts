import { AjvJsonSchemaValidator } from '@modelcontextprotocol/server/validators/ajv';

import { subschemas } from './subschemas.js';
import type { JsonSchema } from '../../../values/json-schema.js';
import { messageOf } from '../../../values/trace-of.js';

const DRAFT_07 = 'http://json-schema.org/draft-07/schema#';

/**
 * Compiles an output schema as the official clients do. Returns the error message if one of them fails.
 *
 * Clients compile all schemas as soon as they have the list, so one failure leaves a client without tools. SDK v2 reads
 * the dialect that a schema declares. SDK v1 reads every schema as draft-07.
 */
export function compileFault(schema: JsonSchema): string | undefined {
  const validator = new AjvJsonSchemaValidator();
  const copy = structuredClone(schema);
  // Formats never prevent compilation, but the compiler prints unknown formats on the console.
  for (const { schema: part } of subschemas(copy)) delete part['format'];
  try {
    validator.getValidator(copy);
    validator.getValidator({ ...copy, $schema: DRAFT_07 });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
