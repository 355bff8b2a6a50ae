/** Approximate memory of an array or object, without its members. */
const CONTAINER_BYTES = 56;
/** Approximate memory of a member, without its text. */
const MEMBER_BYTES = 16;

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Measures a JSON text before it is parsed. Parsers, validators and copies are recursive, and a megabyte of empty
 * objects takes twenty megabytes in memory. The text need not be valid JSON.
 *
 * @returns the approximate memory of the parsed value in addition to the text, bytes; undefined if the text nests
 *   deeper than `maxDepth`
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
        bytes += CONTAINER_BYTES;
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth--;
        break;
      case COMMA:
        bytes += MEMBER_BYTES;
        break;
      default:
    }
  }
  return bytes;
}

/** Returns the index of the quote that ends a string, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}
