import { placeOf } from './published-schema/client-warnings.js';
import { type JsonSchema, subschemas } from './published-schema/subschemas.js';

/** Begin of a text that is still to be written, as the command `new` leaves it. */
const TO_DO = /^\s*TODO(?::|\s*$)/;

/** Warns of descriptions that are still to be written, because they are published. */
export function unfinishedWarnings(definition: {
  readonly description?: string | undefined;
  readonly inputSchema?: JsonSchema;
}): string[] {
  const parts = definition.inputSchema ? [...subschemas(definition.inputSchema)] : [];
  const places = [
    ...(TO_DO.test(definition.description ?? '') ? ['its description'] : []),
    ...parts
      .filter(({ schema }) => typeof schema['description'] === 'string' && TO_DO.test(schema['description']))
      .map(({ path }) => `the description of its ${placeOf('input', path)}`),
  ];
  return places.map((place) => `${place} begins with TODO, but is published. Write it.`);
}
