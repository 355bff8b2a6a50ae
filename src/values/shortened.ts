/** Cuts a text to a maximum length in characters and appends an ellipsis if it was longer. */
export const shortened = (text: string, maxLength: number): string =>
  text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
