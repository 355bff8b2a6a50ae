/** A Cookie header (RFC 6265 §4.2) without the cookie of one name; undefined where nothing is left. */
export function withoutCookie(header: string | undefined, name: string): string | undefined {
  const kept = header?.split(';').filter((pair) => pair.split('=')[0]?.trim() !== name);
  return kept && kept.length > 0 ? kept.join(';').trim() : undefined;
}
