import { isRecord } from '../../values/is-record.js';
import type { JsonSchema } from './rule-keywords.js';

/** Returns a schema, or the one that it refers to within its document. */
export function resolved(schema: unknown, root: JsonSchema): JsonSchema {
  const node = isRecord(schema) ? schema : {};
  const { $ref: reference } = node;
  if (typeof reference !== 'string') return node;
  const { $defs } = root;
  const name = reference.replace('#/$defs/', '');
  const found = reference === '#' ? root : isRecord($defs) ? $defs[name] : undefined;
  return isRecord(found) ? found : {};
}
