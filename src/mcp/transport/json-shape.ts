/** Approximate memory that an array or object takes besides its members, bytes. */
const CONTAINER = 56;
/** Approximate memory that a member takes besides its text, bytes. */
const MEMBER = 16;

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Measures a JSON text before anything parses it: parsers, validators and copies are recursive, and a megabyte of
 * empty objects takes twenty in memory. The text need not be valid.
 *
 * @returns the approximate memory that the parsed value takes besides its text, bytes; undefined where the text nests
 *   more deeply than `maxDepth`
 */
export function structureOf(text: string, maxDepth: number): number | undefined {
  let depth = 0;
  let bytes = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        if (++depth > maxDepth) return undefined;
        bytes += CONTAINER;
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth--;
        break;
      case COMMA:
        bytes += MEMBER;
        break;
      default:
    }
  }
  return bytes;
}

/** Index of the quote that ends a string, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}
