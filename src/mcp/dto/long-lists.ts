import { isRecord } from '../../values/is-record.js';
import type { JsonSchema } from './rule-keywords.js';

/** Input whose lists are not much longer than their schema allows. */
interface ShortInput {
  readonly value: unknown;
  /** Paths of the lists that were cut. */
  readonly cut: readonly (readonly string[])[];
}

/**
 * Cuts lists after the first element that is too many. class-transformer and class-validator would handle every element
 * of a long list before they refuse its length, and serve nobody else for seconds.
 *
 * @param schema published schema; references within it are not followed
 */
export function withoutLongLists(schema: JsonSchema, input: unknown): ShortInput {
  const cut: (readonly string[])[] = [];
  const shorten = (wanted: unknown, value: unknown, path: readonly string[]): unknown => {
    if (!isRecord(wanted)) return value;
    const { properties, items, maxItems } = wanted;
    if (Array.isArray(value)) {
      const isLong = typeof maxItems === 'number' && value.length > maxItems;
      if (isLong) cut.push(path);
      const elements: unknown[] = isLong ? value.slice(0, maxItems + 1) : value;
      return isRecord(items)
        ? elements.map((element, index) => shorten(items, element, [...path, String(index)]))
        : elements;
    }
    if (!isRecord(properties) || !isRecord(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        name,
        Object.hasOwn(properties, name) ? shorten(properties[name], member, [...path, name]) : member,
      ]),
    );
  };
  return { value: shorten(schema, input, []), cut };
}
