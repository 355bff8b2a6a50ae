import { jsonText } from '../json-text.js';

/** The JSON of lists that stay as they are: frozen, and with them all that is in them. */
const texts = new WeakMap<object, string>();

/** Says of a list, frozen through and through, that its JSON need not be written more than once. */
export function lasting<List extends readonly object[]>(list: List): List {
  texts.set(list, '');
  return list;
}

/** The JSON of a list that is {@link lasting}; undefined of any other value. */
export function textOf(list: unknown): string | undefined {
  if (typeof list !== 'object' || list === null) return undefined;
  const known = texts.get(list);
  if (known !== '') return known;
  const text = jsonText(list);
  texts.set(list, text);
  return text;
}
