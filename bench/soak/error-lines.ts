/** pino's level of errors. */
const ERROR = 50;

/** Log lines that the faults of the clients do not explain: errors of the server, and lines that are no JSON. */
export const errorLines = (log: string): string[] =>
  log.split('\n').filter((line) => line !== '' && isError(line));

function isError(line: string): boolean {
  const level = /^\{"level":(?:(\d+)|"(\w+)")/.exec(line);
  return level === null || Number(level[1]) >= ERROR || ['error', 'fatal'].includes(level[2] ?? '');
}
