import type { Validate, Validation } from '../catalog/offer.js';
import { isRecord } from '../../values/is-record.js';
import { jsonCopy } from '../../values/json-copy.js';
import { shortened } from '../../values/shortened.js';
import { Refusal } from './refusal.js';

/** Maximum number of problems in a message. */
const MAX_PROBLEMS = 20;
/** Maximum number of alternatives of one problem. */
const MAX_ALTERNATIVES = 10;
/** Maximum length of one problem, in characters. */
const MAX_LENGTH = 1_000;
/** Maximum depth of nested alternatives. */
const MAX_DEPTH = 3;

type Issues = NonNullable<Validation['issues']>;
type Issue = Issues[number];

/**
 * Validates a copy of a caller's input. Some validators return the input or parts of it, which a handler may change, but
 * its call is recorded, repeated and compared with what the caller sent.
 *
 * @param what names the input in the message, such as `The arguments of greet_user`
 * @throws {Refusal} with every problem, when the input is invalid
 */
export async function validated(validate: Validate, input: unknown, what: string): Promise<unknown> {
  const outcome = await validate(jsonCopy(input));
  if (!outcome.issues) return outcome.value;
  const text = [
    `${what} are invalid. Fix them and call again:`,
    ...problemTexts(outcome.issues).map((problem) => `- ${problem}`),
  ].join('\n');
  throw new Refusal(text, 'invalid_input');
}

/** Formats each problem with its path in the input. A problem with a union lists each alternative. */
export function problemTexts(issues: Issues): string[] {
  const problems = issues
    .slice(0, MAX_PROBLEMS)
    .map((issue) => shortened(problemOf(issue, MAX_DEPTH), MAX_LENGTH));
  const others = issues.length - problems.length;
  return others > 0 ? [...problems, `and ${others} more`] : problems;
}

function problemOf(issue: Issue, depth: number): string {
  const where = issue.path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
  const what = depth > 0 ? withAlternatives(issue, depth - 1) : issue.message;
  if (!where) return what;
  // ArkType's messages start with the path.
  return `${where}: ${what.startsWith(`${where} `) ? what.slice(where.length + 1) : what}`;
}

function withAlternatives(issue: Issue, depth: number): string {
  const groups = unionAlternatives(issue).slice(0, MAX_ALTERNATIVES);
  const alternatives = groups.map((group) =>
    group
      .slice(0, MAX_ALTERNATIVES)
      .map((inner) => problemOf(inner, depth))
      .join(' and '),
  );
  const different = [...new Set(alternatives.filter((text) => text !== ''))];
  if (different.length === 0) return `${issue.message}${detailOf(issue, depth)}`;
  const [only] = different;
  return different.length === 1 && only !== undefined
    ? only
    : `must match one of: ${different.map((text, index) => `(${index + 1}) ${text}`).join('; ')}`;
}

/**
 * Returns the problems of each alternative of a union. Standard Schema does not define them, so each library differs:
 * zod has a list per alternative in `errors`, Valibot one list in `issues`, ArkType includes them in its message.
 */
function unionAlternatives(issue: Issue): Issues[] {
  if ('errors' in issue && Array.isArray(issue.errors)) return issue.errors.map(issuesIn);
  const isUnion = 'type' in issue && (issue.type === 'union' || issue.type === 'variant');
  return isUnion && 'issues' in issue ? issuesIn(issue.issues).map((inner) => [inner]) : [];
}

/** Formats the details of an invalid key or element, which zod keeps in `issues` and not in the message. */
function detailOf(issue: Issue, depth: number): string {
  const isInner = 'code' in issue && (issue.code === 'invalid_key' || issue.code === 'invalid_element');
  const inner = isInner && 'issues' in issue ? issuesIn(issue.issues) : [];
  return inner.length === 0 ? '' : `: ${inner.map((one) => problemOf(one, depth)).join('; ')}`;
}

const issuesIn = (value: unknown): Issues =>
  Array.isArray(value) ? value.filter((issue: unknown): issue is Issue => isIssue(issue)) : [];

const isIssue = (value: unknown): value is Issue => isRecord(value) && typeof value['message'] === 'string';
