import { isAscii } from '../values/is-ascii.js';
import { jsonEscape } from '../values/json-escape.js';

/** Control characters that JSON allows in strings. */
const RAW_CONTROLS = /[\u007f-\u009f]/g;
/** The only such character in ASCII. */
const DELETE = '\u007f';

/** Escapes the control characters that JSON does not escape: DEL, and C1, which some terminals interpret. */
export function withoutRawControls(lines: string): string {
  // Nearly all lines are plain ASCII, and this check costs a tenth of a search for each character.
  if (isAscii(lines) && !lines.includes(DELETE)) return lines;
  return lines.replace(RAW_CONTROLS, jsonEscape);
}

/** Matches an escaped control character except line break and tab, any other escape, or a raw control character. */
const ESCAPES = /(\\u00[01][\da-f]|\\[bfr])|\\.|((?!\n)\p{Cc})/gu;

/**
 * Makes a JSON line safe for a terminal: when its strings are decoded, control characters stay escaped, except line
 * breaks and tabs.
 *
 * Callers control some of the strings. Control characters in them could clear the screen, hide lines or set titles.
 */
export const terminalSafe = (line: string): string =>
  line.replaceAll(ESCAPES, (found, escaped?: string, raw?: string) => {
    if (raw !== undefined) return `\\${jsonEscape(raw)}`;
    return escaped === undefined ? found : `\\${found}`;
  });
