import { jsonText } from '../../values/json-text.js';

/** Cached JSON of deeply frozen lists; empty until it is first needed. */
const texts = new WeakMap<object, string>();

/** Marks a deeply frozen list, so that its JSON is written only once. */
export function lasting<List extends readonly object[]>(list: List): List {
  texts.set(list, '');
  return list;
}

/** Returns the JSON of a list marked with {@link lasting}; undefined for other values. */
export function textOf(list: unknown): string | undefined {
  if (typeof list !== 'object' || list === null) return undefined;
  const known = texts.get(list);
  if (known !== '') return known;
  const text = jsonText(list);
  texts.set(list, text);
  return text;
}
