import { readFileSync } from 'node:fs';

/** Labels of each metric, as the table of docs/observability.md names them. */
export function documentedMetrics(): ReadonlyMap<string, ReadonlySet<string>> {
  const [, table = ''] = readFileSync('docs/observability.md', 'utf8').split('| metric ');
  const [rows = ''] = table.split('\n\n');
  return new Map(
    rows.split('\n').flatMap((row) => {
      const [, metrics = '', labels = ''] = row.split(/(?<!\\)\|/);
      return namesIn(metrics).map(
        (metric) => [metric, new Set(namesIn(labels.split(':')[0] ?? ''))] as const,
      );
    }),
  );
}

const namesIn = (cell: string): string[] => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);

/** Name of a metric without the end of its series. */
export const metricOf = (series: string): string => series.replace(/_(?:bucket|sum|count)$/, '');
