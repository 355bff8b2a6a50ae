import { isAscii } from './is-ascii.js';
import { jsonText } from './json-text.js';

/** Minimum length of text that costs more to write again than to remember, in characters. */
const MIN_LENGTH = 500;

/** JSON that is remembered. */
export interface KnownText {
  readonly text: string;
  /** Whether all of its characters are ASCII. */
  readonly isAscii: boolean;
}

/** Stands for JSON that was not needed yet. */
const NOT_YET: KnownText = { text: '', isAscii: true };

/** JSON of objects that nobody changes any more. */
const texts = new WeakMap<object, KnownText>();

/** Marks a list that nobody changes any more, so that its JSON is written only once. */
export function lasting<List extends readonly object[]>(list: List): List {
  texts.set(list, NOT_YET);
  return list;
}

/** Serializes a value like {@link jsonText}. Remembers long text for {@link knownText}, so nobody may change the value. */
export function lastingText(value: unknown): string {
  const text = jsonText(value);
  if (text.length >= MIN_LENGTH && typeof value === 'object' && value !== null) remember(value, text);
  return text;
}

/** Returns the JSON of an object whose text is remembered; undefined for other values. */
export function knownText(value: unknown): KnownText | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const known = texts.get(value);
  return known === NOT_YET ? remember(value, jsonText(value)) : known;
}

function remember(value: object, text: string): KnownText {
  const known = { text, isAscii: isAscii(text) };
  texts.set(value, known);
  return known;
}
