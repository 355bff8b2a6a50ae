/** First half of a character outside the Basic Multilingual Plane. Alone, it makes JSON that strict parsers refuse. */
const HALF_AT_END = /[\uD800-\uDBFF]$/;

/** Cuts a text to a maximum length in UTF-16 units and appends an ellipsis if it was longer. Cuts no character in half. */
export const shortened = (text: string, maxLength: number): string =>
  text.length > maxLength ? `${text.slice(0, maxLength).replace(HALF_AT_END, '')}…` : text;
