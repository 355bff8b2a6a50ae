import type { JsonSchema } from '../../values/json-schema.js';
import { placeOf } from './published-schema/client-warnings.js';
import { subschemas } from './published-schema/subschemas.js';

/** Begin of a text that is still to be written, as the command `new` leaves it. */
const TO_DO = /^\s*TODO(?::|\s*$)/;

/** Warns of descriptions that are still to be written, because they are published. */
export function unfinishedWarnings(definition: {
  readonly description?: string | undefined;
  readonly inputSchema?: JsonSchema;
  readonly outputSchema?: JsonSchema | undefined;
  readonly arguments?: readonly { readonly name: string; readonly description?: string | undefined }[];
}): string[] {
  const { description, inputSchema, outputSchema, arguments: parameters = [] } = definition;
  const texts: (readonly [string, unknown])[] = [
    ['its description', description],
    ...descriptionsIn('input', inputSchema),
    ...descriptionsIn('output', outputSchema),
    ...parameters.map(
      (parameter) => [`the description of its argument "${parameter.name}"`, parameter.description] as const,
    ),
  ];
  return texts
    .filter(([, text]) => typeof text === 'string' && TO_DO.test(text))
    .map(([place]) => `${place} begins with TODO, but is published. Write it.`);
}

const descriptionsIn = (what: string, document: JsonSchema = {}): (readonly [string, unknown])[] =>
  [...subschemas(document)].map(({ schema, path }) => [
    `the description of its ${placeOf(what, path)}`,
    schema['description'],
  ]);
