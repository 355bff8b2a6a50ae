import { type JsonSchema, typesOf } from '../../values/json-schema.js';
import { listIn } from '../../values/list-in.js';
import { recordIn } from '../../values/record-in.js';

/** Converts the texts of a query parameter to a value of its schema. Returns undefined if that is not possible. */
export function queryValue(schema: JsonSchema, texts: readonly string[]): unknown {
  const [text, ...others] = texts;
  if (text === undefined) return undefined;
  const parts = partsOf(schema);
  const list = parts.find((part) => typesOf(part).includes('array'));
  if (list) {
    const values = texts.map((item) => queryValue(recordIn(list['items']), [item]));
    return values.includes(undefined) ? undefined : values;
  }
  return others.length > 0 ? undefined : valueOf(parts.flatMap(typesOf), text);
}

/** Schema itself, and the parts of its unions and intersections. */
const partsOf = (schema: JsonSchema): JsonSchema[] => [
  schema,
  ...['anyOf', 'oneOf', 'allOf'].flatMap((key) =>
    listIn(schema[key]).flatMap((part) => partsOf(recordIn(part))),
  ),
];

function valueOf(types: readonly unknown[], text: string): string | number | boolean | undefined {
  // A text comes first, because a number would lose zeros in front.
  if (types.length === 0 || types.includes('string')) return text;
  const number = Number(text);
  // Another form of the number may mean another page.
  const isExact = Number.isFinite(number) && String(number) === text;
  if (isExact && (types.includes('number') || (types.includes('integer') && Number.isInteger(number)))) {
    return number;
  }
  if (types.includes('boolean') && /^(true|false)$/.test(text)) return text === 'true';
  return undefined;
}
