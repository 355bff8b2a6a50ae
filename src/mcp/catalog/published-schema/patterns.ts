import { messageOf } from '../../../values/trace-of.js';

/**
 * Compiles a pattern as clients do, with the flag `u` (JSON Schema 2020-12, §6.4). Returns the error message if that
 * fails.
 */
export function patternFault(pattern: string): string | undefined {
  try {
    return void new RegExp(pattern, 'u');
  } catch (error) {
    return messageOf(error);
  }
}

/** Matches whole escapes, groups and quantifiers, and any other character by itself. */
const TOKEN =
  /\\(?:u\{[^}]*\}|[pP]\{[^}]*\}|k<[^>]*>|c[A-Za-z]|[1-9]\d*|.)|\(\?(?:<[=!]|[=!:]|<[^>]*>)|\{\d+(?:,\d*)?\}|./gsu;

/** Construct that some engines other than JavaScript's cannot compile. */
interface Foreign {
  readonly construct: string;
  readonly python: boolean;
  readonly go: boolean;
}

/** Maximum repetition count in RE2. */
const MAX_RE2_REPETITION = 1_000;

/** Finds the constructs of a valid pattern that Python's `re` or Go's RE2 cannot compile, each once. */
export function foreignConstructs(pattern: string): Foreign[] {
  const found = new Map<string, Foreign>();
  let isInClass = false;
  for (const { 0: token, index } of pattern.matchAll(TOKEN)) {
    const foreign = foreignToken(token, isInClass, pattern.slice(index));
    if (foreign) found.set(token, { construct: token, ...foreign });
    if (token === '[') isInClass = true;
    if (token === ']') isInClass = false;
  }
  return [...found.values()];
}

type Engines = Omit<Foreign, 'construct'>;
const GO: Engines = { python: false, go: true };
const PYTHON: Engines = { python: true, go: false };
const BOTH: Engines = { python: true, go: true };

function foreignToken(token: string, isInClass: boolean, rest: string): Engines | undefined {
  if (token.startsWith('\\')) return foreignEscape(token, isInClass);
  if (isInClass) return undefined;
  if (token === '[') return /^\[\^?\]/.test(rest) ? BOTH : undefined;
  if (token === '(?=' || token === '(?!') return GO;
  // Python requires a fixed width.
  if (token === '(?<=' || token === '(?<!') return /^[^)]*[*+?{|]/.test(rest.slice(4)) ? BOTH : GO;
  if (token.startsWith('(?<')) return PYTHON; // Python's syntax is (?P<name>…)
  const counts = /^\{(\d+)(?:,(\d*))?\}$/.exec(token)?.slice(1).map(Number) ?? [];
  return counts.some((count) => count > MAX_RE2_REPETITION) ? GO : undefined;
}

function foreignEscape(token: string, isInClass: boolean): Engines | undefined {
  // RE2 supports general categories of one or two letters, and no binary properties.
  if (/^\\p/i.test(token)) return /^\\p\{(?!Cn)[CLMNPSZ][a-z]?\}$/i.test(token) ? PYTHON : BOTH;
  if (token.startsWith('\\u{') || token.startsWith('\\k') || token.startsWith('\\c')) return BOTH;
  if (token === '\\u' || /^\\[1-9]/.test(token) || (token === '\\b' && isInClass)) return GO;
  return undefined;
}
