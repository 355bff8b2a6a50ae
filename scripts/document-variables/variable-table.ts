import type { Variables } from '../../src/config/variable.js';

/** Formats a Markdown table of variables, aligned as Prettier does. */
export function variableTable(variables: Variables): string {
  const rows = Object.entries(variables).map(([name, { about }]) => [
    `\`${name}\``,
    about.otherwise ?? (about.default === undefined ? '' : `\`${about.default}\``),
    about.description,
  ]);
  const table = [['variable', 'default', 'meaning'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const [head = '', ...lines] = table.map((row) =>
    line(row.map((cell, column) => cell.padEnd(widths[column] ?? 0))),
  );
  return [head, line(widths.map((width) => '-'.repeat(width))), ...lines, ''].join('\n');
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
