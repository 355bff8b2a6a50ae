import type { Figure, Run } from '../results.js';

/** Formats a Markdown table. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Formats a table for a terminal. */
export function plainTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column < 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [line(head), ...rows.map(line)].join('\n');
}

/**
 * Table of the throughputs, with their ratio to the floor, and Aerie's ratio to each other server.
 *
 * @param own name of Aerie
 */
export function throughputTable(
  figures: readonly Figure[],
  own: string,
): { readonly head: string[]; readonly rows: string[][] } {
  const rows = figures.map(({ server, era, operation, requestsPerSecond, ratioToFloor }) => {
    const ours = figures.find(
      (other) => other.server === own && other.era === era && other.operation === operation,
    );
    return [
      server,
      era,
      operation,
      String(requestsPerSecond),
      ratioToFloor === null ? '' : ratioToFloor.toFixed(2),
      ours && server !== own ? `${(ours.requestsPerSecond / requestsPerSecond).toFixed(2)} ×` : '',
    ];
  });
  return { head: ['server', 'era', 'operation', 'requests/s', 'of the floor', `${own} does`], rows };
}

export const LATENCY_HEAD = [
  'server',
  'era',
  'requests/s',
  'median, ms',
  'p99, ms',
  'p99.9, ms',
  'longest, ms',
];

/** Rows of the latency table. Results before version 0.2 have no p99.9 and no longest latency. */
export const latencyRows = (latencies: Run['latencies']): string[][] =>
  latencies.map(({ server, era, rate, p50, p99, p999, longest }) => [
    server,
    era,
    String(Math.round(rate)),
    ...[p50, p99, p999, longest].map((value) => value?.toFixed(2) ?? ''),
  ]);
