import { withoutSlash } from '../values/without-slash.js';

/** Returns a hint for a message about two different URLs, if they differ only in a trailing slash. */
export const slashHint = (a: string, b: string): string =>
  withoutSlash(a) === withoutSlash(b) ? ' (check the trailing slash)' : '';
