const ASSIGNMENT = /^\s*(?:export\s+)?[\w.-]+\s*(?:=|:\s)\s*(.*)$/;
const NOTHING = /^\s*(?:#.*)?$/;

/**
 * Warns of lines of an `.env` file that set no variable, and of quotation marks without an end. Never repeats a line,
 * because it may be a secret.
 */
export function envFileWarnings(text: string): string[] {
  const warnings: string[] = [];
  const lines = text.split(/\r\n|[\r\n]/);
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (NOTHING.test(line)) continue;
    const value = ASSIGNMENT.exec(line)?.[1];
    const place = `.env, line ${index + 1}`;
    if (value === undefined) {
      warnings.push(`${place} is not NAME=value, so it is ignored.`);
      continue;
    }
    const [mark = ''] = /^["'`]/.exec(value) ?? [];
    if (mark === '' || isIn(mark, value.slice(1))) continue;
    // A value in quotation marks may have several lines.
    const end = lines.findIndex((later, at) => at > index && isIn(mark, later));
    if (end === -1) warnings.push(`${place} has a quotation mark without an end.`);
    else index = end;
  }
  return warnings;
}

const isIn = (mark: string, text: string): boolean => text.replaceAll(/\\./g, '').includes(mark);
