/** Escapes control characters, except line breaks and tabs, because text of a server could change the terminal. */
export const printable = (text: string): string =>
  text.replaceAll(
    /(?![\n\t])\p{Cc}/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
