import { shortened } from '../../values/shortened.js';

/** Issue of a validator, in the format of zod. */
export interface Issue {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly code?: string;
  readonly expected?: string;
  readonly values?: readonly unknown[];
  /** Issues of each branch of a union. */
  readonly errors?: readonly (readonly Issue[])[];
}

/** Maximum length of a path or a list of values, because clients choose the names in a path. */
const MAX_LENGTH = 200;

/** Describes the first issue of a report in one sentence that names the member. */
export function sentenceOf([first]: readonly [Issue, ...Issue[]]): string {
  const { path, says } = problemOf(first);
  return `${short(path.join('.'))} ${says}.`;
}

interface Problem {
  readonly path: readonly (string | number)[];
  readonly says: string;
}

function problemOf(issue: Issue): Problem {
  const { path, code, message, expected, values, errors } = issue;
  const received = /received (\w+)/.exec(message)?.[1];
  if (code === 'invalid_union' && errors) return problemOfUnion(path, errors) ?? { path, says: 'is invalid' };
  if (code === 'invalid_type' && received === 'undefined') return { path, says: 'is missing' };
  if (code === 'invalid_type' && expected !== undefined) return { path, says: mustBe([expected], received) };
  if (values) return { path, says: oneOf(values) };
  return { path, says: `is invalid: ${short(message.replaceAll(/\s+/g, ' '))}` };
}

/** Returns the problem of the closest branch: the one with the fewest issues. */
function problemOfUnion(path: Issue['path'], branches: readonly (readonly Issue[])[]): Problem | undefined {
  const issues = branches.flatMap(([first]) => (first ? [first] : []));
  const types = issues.map(({ code, expected, path: inner }) =>
    code === 'invalid_type' && inner.length === 0 ? expected : undefined,
  );
  if (types.length > 0 && types.every((type) => type !== undefined)) {
    const received = /received (\w+)/.exec(issues[0]?.message ?? '')?.[1];
    return received === 'undefined' ? { path, says: 'is missing' } : { path, says: mustBe(types, received) };
  }
  const [tag] = issues;
  if (tag && issues.every(({ values }) => values)) {
    return { path: [...path, ...tag.path], says: oneOf(issues.flatMap(({ values }) => values ?? [])) };
  }
  // A branch with another value of the tag is irrelevant.
  const closest = branches
    .filter((branch) => branch.every(({ code, path: inner }) => code !== 'invalid_value' || inner.length > 1))
    .toSorted((a, b) => a.length - b.length)[0]?.[0];
  const shown = closest ?? issues[0];
  if (!shown) return undefined;
  const problem = problemOf(shown);
  return { path: [...path, ...problem.path], says: problem.says };
}

const oneOf = (values: readonly unknown[]): string =>
  `must be ${values.length > 1 ? 'one of ' : ''}${short(values.join(', '))}`;

function mustBe(types: readonly string[], received: string | undefined): string {
  const names = [...new Set(types)].map((type) => NAMES[type] ?? type).join(' or ');
  return `must be ${names}${received === undefined ? '' : `, not ${NAMES[received] ?? received}`}`;
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  boolean: 'a boolean',
  array: 'an array',
  object: 'an object',
  record: 'an object',
};

const short = (text: string): string => shortened(text, MAX_LENGTH);
