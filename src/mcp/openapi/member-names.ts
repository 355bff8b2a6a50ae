import { invalid } from '../controllers/invalid-argument.js';

/**
 * Checks the names of the pairs that an argument becomes.
 *
 * @param name name of the argument, for messages
 * @param own name of its parameter, in lower case
 * @param sent names as they are sent, decoded
 * @param taken names of all parameters next to it, in lower case
 * @throws {Refusal} when an API could read a name as another parameter
 */
export function requireOwnNames(
  name: string,
  own: string,
  sent: readonly string[],
  taken: ReadonlySet<string>,
): void {
  const members = sent.filter((member) => member.toLowerCase() !== own);
  if (members.length === 0) return;
  const others = new Map<string, Path[]>();
  for (const [root, path] of [...taken].filter((other) => other !== own).flatMap(rootedIn)) {
    const same = others.get(root);
    if (same) same.push(path);
    else others.set(root, [path]);
  }
  for (const member of members) {
    const shown = `must not have the member ${JSON.stringify(member.slice(0, 100))}`;
    if (!isPlain(member)) {
      throw invalid(
        name,
        `${shown}, which the API could read as another name. Use a name such as a, a.b or a[b]`,
      );
    }
    const readings = rootedIn(member.toLowerCase());
    if (readings.some(([root, path]) => others.get(root)?.some((other) => isWithin(other, path)))) {
      throw invalid(name, `${shown}, which is a parameter of its own`);
    }
  }
}

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
