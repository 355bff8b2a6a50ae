/**
 * Name of a metric whose values are not added but whose largest counts: ages, delays, the list of revocations, which all
 * processes have, and what the others would hide: the queue of the audit trail that is fullest, and shares of a limit of
 * each process.
 */
const IS_LARGEST =
  /^nodejs_eventloop_delay|^aerie[._](?:revocations|audit[._](?:waiting|limit))(?=\{|$)|[._](?:age|utilization)(?=\{|$)/;

/** Combines the values of a metric from two sources. */
export const combine = (name: string, one: number, other: number): number =>
  IS_LARGEST.test(name) ? Math.max(one, other) : one + other;

/**
 * Adds the metrics of several processes, in the text format of Prometheus, which wants the series of a metric together.
 * Comments are kept once; the order is that of the first text.
 */
export function sumMetrics(texts: readonly string[]): string {
  const [only] = texts;
  if (only === undefined || texts.length === 1) return only ?? '';
  /** Lines of each metric by its first comment: values by series, and comments without one. */
  const metrics = new Map<string, Map<string, number | undefined>>();
  let values = new Map<string, number | undefined>();
  metrics.set('', values);
  for (const line of texts.flatMap((text) => text.split('\n'))) {
    if (line === '') continue;
    if (line.startsWith('# HELP ')) {
      values = metrics.get(line) ?? new Map<string, number | undefined>();
      metrics.set(line, values);
    }
    const end = line.lastIndexOf(' ');
    const name = line.slice(0, end);
    if (line.startsWith('#') || end < 0) values.set(line, undefined);
    else values.set(name, combine(name, values.get(name) ?? 0, Number(line.slice(end + 1))));
  }
  return [...metrics.values()]
    .flatMap((lines) => [...lines])
    .map(([line, value]) => `${value === undefined ? line : `${line} ${value}`}\n`)
    .join('');
}

const TOTAL = /^# TYPE \S+ (?:counter|histogram)$/m;

/** Returns the metrics of a text that only grow. */
export const totalsOf = (text: string): string =>
  text
    .split(/^(?=# HELP )/m)
    .filter((metric) => TOTAL.test(metric))
    .join('');
