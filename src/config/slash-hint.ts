/** A URL or path without its trailing slash. */
export const withoutSlash = (text: string): string => text.replace(/\/$/, '');

/** What to add to a complaint that two URLs differ, when that is all they differ in. */
export const slashHint = (a: string, b: string): string =>
  withoutSlash(a) === withoutSlash(b) ? ' (mind the trailing slash)' : '';
