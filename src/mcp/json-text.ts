/** Escape sequences of JSON text, each whole, so that an escaped backslash is never taken for the start of another. */
const ESCAPES = /\\(?:u(d[89a-f][\da-f]{2})|.)/g;

const REPLACEMENT = '\uFFFD';

/**
 * Writes JSON that every parser can read: a lone surrogate, such as half an emoji, becomes U+FFFD.
 *
 * `JSON.stringify` escapes lone surrogates. JavaScript reads such an escape, but many clients fail on it: Python cannot
 * encode what it has read, and Rust and Go refuse or replace it.
 *
 * @throws {TypeError} when JSON cannot represent the value
 */
export function jsonText(value: unknown): string {
  return withoutLoneSurrogates(JSON.stringify(value));
}

/** Replaces the lone surrogates in text that `JSON.stringify` wrote. */
export function withoutLoneSurrogates(json: string): string {
  // Nearly no text has one, and looking costs next to nothing.
  if (!json.includes('\\ud')) return json;
  return json.replace(ESCAPES, (escape, surrogate: string | undefined) =>
    surrogate === undefined ? escape : REPLACEMENT,
  );
}
