/** Matches whole escape sequences of JSON text, so that an escaped backslash never starts another sequence. */
const ESCAPES = /\\(?:u(d[89a-f][\da-f]{2})|.)/g;

const REPLACEMENT = '\uFFFD';

/**
 * Serializes a value as JSON that every parser can read: a lone surrogate, such as half an emoji, becomes U+FFFD.
 *
 * `JSON.stringify` escapes lone surrogates. JavaScript can parse such an escape, but many clients cannot: Python fails to
 * encode the parsed string, and Rust and Go reject or replace the escape.
 *
 * @throws {TypeError} when JSON cannot represent the value
 */
export function jsonText(value: unknown): string {
  return withoutLoneSurrogates(JSON.stringify(value));
}

/** Replaces the lone surrogates in text that `JSON.stringify` wrote. */
export function withoutLoneSurrogates(json: string): string {
  // Almost no text contains one, and the check is cheap.
  if (!json.includes('\\ud')) return json;
  return json.replace(ESCAPES, (escape, surrogate: string | undefined) =>
    surrogate === undefined ? escape : REPLACEMENT,
  );
}
