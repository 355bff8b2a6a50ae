/** Name of a metric whose values are not added but whose largest counts: ages and delays. */
const IS_LARGEST = /^nodejs_eventloop_delay|[._]age(?=\{|$)/;

/** Combines the values of a metric from two sources. */
export const combine = (name: string, one: number, other: number): number =>
  IS_LARGEST.test(name) ? Math.max(one, other) : one + other;

/**
 * Adds the metrics of several processes, in the text format of Prometheus. Comments are kept once; the order is that of
 * the first text.
 */
export function sumMetrics(texts: readonly string[]): string {
  const [only] = texts;
  if (only === undefined || texts.length === 1) return only ?? '';
  const values = new Map<string, number | undefined>();
  for (const line of texts.flatMap((text) => text.split('\n'))) {
    const end = line.lastIndexOf(' ');
    const name = line.slice(0, end);
    if (line === '') continue;
    if (line.startsWith('#') || end < 0) {
      values.set(line, undefined);
      continue;
    }
    const value = Number(line.slice(end + 1));
    values.set(name, combine(name, values.get(name) ?? 0, value));
  }
  return (
    [...values].map(([line, value]) => (value === undefined ? line : `${line} ${value}`)).join('\n') + '\n'
  );
}
