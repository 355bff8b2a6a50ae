/** Text in place of a value that no record may contain. */
export const REDACTED = '[redacted]';
