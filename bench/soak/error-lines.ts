/** pino's level of errors. */
const ERROR = 50;
/** Maximum number of kinds to report, and of characters of each example. */
const MAX_KINDS = 20;
const MAX_LENGTH = 300;

/** Log lines that the faults of the clients do not explain: errors of the server, and lines that are no JSON. */
export const errorLines = (log: string): string[] =>
  log.split('\n').filter((line) => line !== '' && isError(line));

function isError(line: string): boolean {
  const level = /^\{"level":(?:(\d+)|"(\w+)")/.exec(line);
  return level === null || Number(level[1]) >= ERROR || ['error', 'fatal'].includes(level[2] ?? '');
}

/** Lines that differ only in numbers and ids, with an example and their number, the most frequent first. */
export function kindsOf(lines: readonly string[]): { readonly example: string; readonly count: number }[] {
  const kinds = new Map<string, { readonly example: string; count: number }>();
  for (const line of lines) {
    const kind = line.replaceAll(/[\da-f-]*\d[\da-f-]*/gi, '#');
    const found = kinds.get(kind) ?? { example: line.slice(0, MAX_LENGTH), count: 0 };
    found.count++;
    kinds.set(kind, found);
  }
  return [...kinds.values()].toSorted((a, b) => b.count - a.count).slice(0, MAX_KINDS);
}
