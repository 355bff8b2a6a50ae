/** Removes a slash at the end of a path or URL. */
export const withoutSlash = (text: string): string => text.replace(/\/$/, '');
