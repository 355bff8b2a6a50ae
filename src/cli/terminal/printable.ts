import { jsonEscape } from '../../values/json-escape.js';

/**
 * Escapes control characters, except line breaks (LF, CRLF) and tabs, because text of a server could change the terminal.
 */
export const printable = (text: string): string => text.replaceAll(/(?!\r\n|[\n\t])\p{Cc}/gu, jsonEscape);
