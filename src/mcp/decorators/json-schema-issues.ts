import { isObject } from '../../values/is-object.js';
import { isRecord } from '../../values/is-record.js';
import { recordIn } from '../../values/record-in.js';

/** Problem of an input, as Standard Schema has it. */
interface Issue {
  readonly message: string;
  readonly path?: readonly string[];
}

/**
 * Splits the message of the SDK's JSON Schema validator into one issue for each problem, with the path of the value.
 * Adds what the validator leaves out, and a model needs: the allowed values, and the names of unknown members.
 *
 * @param message such as `data/plan must be equal to one of the allowed values, data/count must be >= 1`
 */
export function jsonSchemaIssues(message: string, schema: unknown, input: unknown): Issue[] {
  return [...new Set(message.split(/, (?=data[/ ])/))].map((problem) => {
    const { path, what } = located(problem, input);
    return { message: what + detailOf(what, path, schema, input), ...(path.length > 0 && { path }) };
  });
}

/** Splits a problem into its path and its text. Names may contain spaces, so the members of the input decide. */
function located(problem: string, input: unknown): { readonly path: string[]; readonly what: string } {
  if (!problem.startsWith('data')) return { path: [], what: problem };
  const path: string[] = [];
  let rest = problem.slice('data'.length);
  for (let value = input; rest.startsWith('/') && isObject(value); value = value[path.at(-1) ?? '']) {
    const part = firstPart(rest.slice(1), value);
    if (part === undefined) break;
    path.push(unescaped(part));
    rest = rest.slice(1 + part.length);
  }
  return { path, what: rest.trimStart() };
}

/** Maximum words in the name of a member. Callers choose names, and each word takes time. */
const MAX_WORDS = 16;

/** Returns the longest beginning of a pointer that is the name of a member. */
function firstPart(pointer: string, value: object): string | undefined {
  return [...pointer.matchAll(/[ /]/g)]
    .slice(0, MAX_WORDS)
    .map(({ index }) => pointer.slice(0, index))
    .findLast((part) => Object.hasOwn(value, unescaped(part)));
}

/** Decodes a part of a JSON pointer (RFC 6901). */
const unescaped = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');

function detailOf(what: string, path: readonly string[], schema: unknown, input: unknown): string {
  if (what === 'must be equal to one of the allowed values') {
    const { enum: allowed } = schemaAt(path, schema);
    return Array.isArray(allowed) ? `: ${allowed.map((value) => JSON.stringify(value)).join(', ')}` : '';
  }
  if (what === 'must NOT have additional properties') {
    const { properties, patternProperties } = schemaAt(path, schema);
    const value = path.reduce<unknown>((at, part) => (isObject(at) ? at[part] : undefined), input);
    if (!isRecord(value) || !isRecord(properties) || patternProperties !== undefined) return '';
    return `: ${Object.keys(value)
      .filter((name) => !Object.hasOwn(properties, name))
      .join(', ')}`;
  }
  return '';
}

/** Returns the schema of a value, if members and items lead to it. */
const schemaAt = (path: readonly string[], schema: unknown): Record<string, unknown> => {
  const found = path.reduce<unknown>((at, part) => {
    if (!isRecord(at)) return undefined;
    const { properties, items } = at;
    return isRecord(properties) && Object.hasOwn(properties, part) ? properties[part] : items;
  }, schema);
  return recordIn(found);
};
