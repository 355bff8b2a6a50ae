import { isRecord } from '../../values/is-record.js';
import { messageOf } from '../../values/trace-of.js';
import { recordIn } from '../../values/record-in.js';
import { SchemaConverter, TooManySchemasError } from '../controllers/convert-schema.js';
import { type ApiDocument, follow, type Node } from '../controllers/api-document.js';
import type { Operation } from './operations.js';

/** Schema of the first successful response with JSON. Returns undefined if there is none, or one that is too large. */
export function responseSchema(
  document: ApiDocument,
  operation: Operation,
  problems: string[],
): Record<string, unknown> | undefined {
  try {
    const [schema] = successfulSchemas(document, operation);
    return schema && new SchemaConverter(document, 'output').convert(schema);
  } catch (error) {
    if (error instanceof TooManySchemasError) return undefined;
    problems.push(`its response ${messageOf(error)}`);
  }
  return undefined;
}

/** Schemas of the JSON of successful responses, or else of a range of types that includes JSON. */
export function successfulSchemas(document: ApiDocument, { node }: Operation): Node[] {
  return Object.values(successfulResponses(node['responses'])).flatMap((response) => {
    const content = Object.entries(recordIn(follow(document, response)['content']));
    const schemasOf = (types: RegExp): Node[] =>
      content
        .filter(([type]) => types.test(type))
        .map(([, media]) => recordIn(media)['schema'])
        .filter(isRecord);
    const json = schemasOf(/json/);
    return json.length > 0 ? json : schemasOf(/^(\*|application)\/\*/);
  });
}

/** Responses that a result can come from, by status: 2xx, or else the default. */
export function successfulResponses(responses: unknown): Node {
  const all = Object.entries(recordIn(responses));
  const named = all.filter(([status]) => /^2(\d\d|XX)$/i.test(status));
  return Object.fromEntries(named.length > 0 ? named : all.filter(([status]) => status === 'default'));
}
