const QUOTED = [`'`, '"', '`'].map((mark) => String.raw`${mark}(?:\\${mark}|[^${mark}])*${mark}`).join('|');

/** An assignment as dotenv reads it: a value in quotation marks may have several lines, any other ends at a `#`. */
const ASSIGNMENT = new RegExp(
  String.raw`^\s*(?:export\s+)?[\w.-]+(?:\s*=|:\s)(?<value>\s*(?:${QUOTED})|[^#\r\n]+)?\s*(?:#.*)?$`,
  'gm',
);
const NOTHING = /^\s*(?:#.*)?$/;

/**
 * Warns of lines of an `.env` file that set no variable, and of values that begin with a quotation mark but do not end
 * with it. Never repeats a line, because it may be a secret.
 */
export function envFileWarnings(text: string): string[] {
  const file = text.replaceAll(/\r\n?/g, '\n');
  const warnings = new Map<number, string>();
  for (const { 0: assignment, index, groups } of file.matchAll(ASSIGNMENT)) {
    const value = groups?.['value']?.trim() ?? '';
    if (!/^["'`]/.test(value) || (value.length > 1 && value.endsWith(value.charAt(0)))) continue;
    const line = lineOf(file, index + assignment.search(/\S/));
    warnings.set(
      line,
      'begins a value with a quotation mark that does not end it, so the mark is part of the value.',
    );
  }
  const unused = file.replaceAll(ASSIGNMENT, (assignment) => assignment.replaceAll(/[^\n]/g, ''));
  for (const [index, line] of unused.split('\n').entries()) {
    if (!NOTHING.test(line))
      warnings.set(index + 1, 'is neither NAME=value nor NAME: value, so it is ignored.');
  }
  return [...warnings]
    .toSorted(([one], [other]) => one - other)
    .map(([line, warning]) => `.env, line ${line} ${warning}`);
}

const lineOf = (text: string, index: number): number => text.slice(0, index).split('\n').length;
