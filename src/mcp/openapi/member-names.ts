import { listIn } from '../../values/list-in.js';
import type { JsonSchema } from '../../values/json-schema.js';
import { recordIn } from '../../values/record-in.js';
import { invalid } from '../controllers/invalid-argument.js';

/** Names in the query and the form of a request, in lower case. */
export interface SentNames {
  /** All parameters, with those that are not arguments. */
  readonly parameters: ReadonlySet<string>;
  /** Members that the document declares for the objects among them, by parameter. */
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Returns the names of the members that a schema declares. */
export const membersIn = (schema: JsonSchema): string[] => [
  ...Object.keys(recordIn(schema['properties'])),
  ...[...listIn(schema['allOf']), ...listIn(schema['anyOf'])].flatMap((part) => membersIn(recordIn(part))),
];

/**
 * Checks the names of the pairs that an argument becomes.
 *
 * @param name name of the argument, for messages
 * @param own name of its parameter, in lower case
 * @param sent names as they are sent, decoded
 * @param names names next to it
 * @throws {Refusal} when an API could read a name as another parameter
 */
export function requireOwnNames(
  name: string,
  own: string,
  sent: readonly string[],
  { parameters, members: declared }: SentNames,
): void {
  const members = sent.filter((member) => member.toLowerCase() !== own);
  if (members.length === 0) return;
  const others = new Map<string, Path[]>();
  for (const [root, path] of [...parameters].filter((other) => other !== own).flatMap(rootedIn)) {
    const same = others.get(root);
    if (same) same.push(path);
    else others.set(root, [path]);
  }
  const isTaken = (member: string): boolean =>
    rootedIn(member).some(([root, path]) => others.get(root)?.some((other) => isWithin(other, path)));
  for (const member of members) {
    const shown = `must not have the member ${JSON.stringify(member.slice(0, 100))}`;
    if (!isPlain(member)) {
      throw invalid(
        name,
        `${shown}, which the API could read as another name. Use a name such as a, a.b or a[b]`,
      );
    }
    const lower = member.toLowerCase();
    if (isTaken(lower)) throw invalid(name, `${shown}, which is a parameter of its own`);
    if (declared.get(own)?.has(lower) || lower.startsWith(`${own}[`)) continue;
    if (unmarked(lower).some(isTaken)) {
      throw invalid(name, `${shown}, which the API could read as a parameter of its own`);
    }
  }
}

/** Returns the names that Spring sets for a name: `!a` is a default of `a`, and `_a` resets a missing `a`. */
const unmarked = (member: string): string[] =>
  [/^!/, /^!?_/].filter((mark) => mark.test(member)).map((mark) => member.replace(mark, ''));

const PLAIN = /^[^[\].\p{Cc}][^[\]\p{Cc}]*(\[[^[\]\p{Cc}]*\](\.[^[\]\p{Cc}]+)?)*$/u;

/** Many servers skip brackets, dots and spaces at the start of a name, or end it at a NUL. */
const isPlain = (member: string): boolean => member === member.trim() && PLAIN.test(member);

type Path = readonly string[];

/** Paths that servers read from a name: `a.b` is the member `b` of `a` for some, and the same as `a_b` for PHP. */
function readingsOf(member: string): readonly Path[] {
  const open = member.replaceAll(']', '');
  const [root = '', ...keys] = open.split('[');
  return [open.split(/[.[]/), [root.replaceAll(/[. ]/g, '_'), ...keys]];
}

/** Returns the paths of a name, each with the kind of server that reads it and its first part. */
const rootedIn = (member: string): (readonly [string, Path])[] =>
  readingsOf(member).map((path, kind) => [`${kind} ${path[0]}`, path]);

/** Whether one path starts with the other, because `a[]` adds to `a`, and `a` can replace `a[b]`. */
const isWithin = (one: Path, other: Path): boolean =>
  one.every((part, index) => index >= other.length || part === other[index]);
