import { isRecord } from '../../values/is-record.js';
import { messageOf } from '../../values/trace-of.js';
import { SchemaConverter, TooManySchemasError } from '../controllers/convert-schema.js';
import { type ApiDocument, follow, recordIn } from '../controllers/api-document.js';
import type { Operation } from './operations.js';

/** Schema of the first successful response with JSON. Returns undefined if there is none, or one that is too large. */
export function responseSchema(
  document: ApiDocument,
  { node }: Operation,
  problems: string[],
): Record<string, unknown> | undefined {
  const responses = recordIn(node['responses']);
  const statuses = Object.keys(responses).filter((status) => /^2(\d\d|XX)$/i.test(status));
  try {
    for (const status of statuses.toSorted()) {
      const content = recordIn(follow(document, responses[status])['content']);
      const [, media] = Object.entries(content).find(([type]) => type.includes('json')) ?? [];
      const schema = recordIn(media)['schema'];
      if (isRecord(schema)) return new SchemaConverter(document, 'output').convert(schema);
    }
  } catch (error) {
    if (error instanceof TooManySchemasError) return undefined;
    problems.push(`its response ${messageOf(error)}`);
  }
  return undefined;
}
