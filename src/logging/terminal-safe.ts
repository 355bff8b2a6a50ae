/** Control characters that JSON allows within texts. */
const RAW_CONTROLS = /[\u007f-\u009f]/g;
/** The only one of them in ASCII. */
const DELETE = '\u007f';

/** Escapes the control characters that JSON leaves as they are: DEL, and C1, which some terminals obey. */
export function withoutRawControls(lines: string): string {
  // Nearly all lines are plain ASCII, and seeing that costs a tenth of looking at each character.
  if (Buffer.byteLength(lines) === lines.length && !lines.includes(DELETE)) return lines;
  return lines.replace(RAW_CONTROLS, (control) => `\\u00${control.charCodeAt(0).toString(16)}`);
}

/** An escaped control character except line break and tab; any other escape; a control character that JSON allows. */
const ESCAPES = /(\\u00[01][\da-f]|\\[bfr])|\\.|((?!\n)\p{Cc})/gu;

/**
 * Lets a JSON line reach a terminal after its texts are decoded: control characters stay escaped, except line
 * breaks and tabs.
 *
 * Callers choose some of the texts, and a terminal obeys what is in them: it clears the screen, hides lines, sets
 * titles.
 */
export const terminalSafe = (line: string): string =>
  line.replaceAll(ESCAPES, (found, escaped?: string, raw?: string) => {
    if (raw !== undefined) return `\\\\u00${raw.charCodeAt(0).toString(16)}`;
    return escaped === undefined ? found : `\\${found}`;
  });
