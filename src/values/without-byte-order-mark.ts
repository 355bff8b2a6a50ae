/** Removes the mark that some Windows programs write at the start of a file. It is no JSON. */
export const withoutByteOrderMark = (text: string): string => text.replace(/^\uFEFF/, '');
