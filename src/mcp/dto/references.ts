import type { JsonSchema } from '../../values/json-schema.js';
import { recordIn } from '../../values/record-in.js';

/** Returns a schema, or the one that it refers to within its document. */
export function resolved(schema: unknown, root: JsonSchema): JsonSchema {
  const node = recordIn(schema);
  const { $ref: reference } = node;
  if (typeof reference !== 'string') return node;
  const { $defs } = root;
  const name = reference.replace('#/$defs/', '');
  return recordIn(reference === '#' ? root : recordIn($defs)[name]);
}
