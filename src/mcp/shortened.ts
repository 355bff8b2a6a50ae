/** A text of at most so many characters, with an ellipsis where it was longer. */
export const shortened = (text: string, maxLength: number): string =>
  text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
