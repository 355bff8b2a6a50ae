import { jsonText } from './json-text.js';

/** Minimum length of text that costs more to write again than to remember, in characters. */
const MIN_LENGTH = 500;

/** JSON of objects that nobody changes any more; empty until it is first needed. */
const texts = new WeakMap<object, string>();

/** Marks a deeply frozen list, so that its JSON is written only once. */
export function lasting<List extends readonly object[]>(list: List): List {
  texts.set(list, '');
  return list;
}

/** Serializes a value like {@link jsonText}. Remembers long text for {@link knownText}, so nobody may change the value. */
export function lastingText(value: unknown): string {
  const text = jsonText(value);
  if (text.length >= MIN_LENGTH && typeof value === 'object' && value !== null) texts.set(value, text);
  return text;
}

/** Returns the JSON of an object whose text is remembered; undefined for other values. */
export function knownText(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const known = texts.get(value);
  if (known !== '') return known;
  const text = jsonText(value);
  texts.set(value, text);
  return text;
}
