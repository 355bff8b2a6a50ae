/** Whether all characters of a text are ASCII. */
export const isAscii = (text: string): boolean => Buffer.byteLength(text) === text.length;
