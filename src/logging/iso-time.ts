let second = 0;
/** Text of that second, up to the point before its milliseconds. */
let prefix = textOf(second);

/** Formats a time (RFC 3339). Formats each second once, because a busy server writes many lines in it. */
export function isoTime(milliseconds: number): string {
  const next = Math.floor(milliseconds / 1_000) * 1_000;
  if (next !== second) {
    prefix = textOf(next);
    second = next;
  }
  return `${prefix}${String(milliseconds - second).padStart(3, '0')}Z`;
}

function textOf(time: number): string {
  return new Date(time).toISOString().slice(0, -'000Z'.length);
}
