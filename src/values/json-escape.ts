/** Returns the escape of a UTF-16 code unit in the strings of JSON (RFC 8259 §7), such as `\u2028`. */
export const jsonEscape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
