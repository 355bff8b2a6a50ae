let formatted = 0;
let text = new Date(0).toISOString();

/** Formats a time (RFC 3339). Formats each millisecond once, because lines of a busy server often share one. */
export function isoTime(milliseconds: number): string {
  if (milliseconds !== formatted) {
    formatted = milliseconds;
    text = new Date(milliseconds).toISOString();
  }
  return text;
}
