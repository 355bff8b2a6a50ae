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
  const others = [...taken].filter((other) => other !== own).map(readingsOf);
  for (const member of members) {
    const shown = `must not have the member ${JSON.stringify(member.slice(0, 100))}`;
    if (!isPlain(member)) {
      throw invalid(
        name,
        `${shown}, which the API could read as another name. Use a name such as a, a.b or a[b]`,
      );
    }
    const readings = readingsOf(member.toLowerCase());
    if (others.some((other) => other.some((path, way) => isWithin(path, readings[way] ?? [])))) {
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

/** Whether one path starts with the other, because `a[]` adds to `a`, and `a` can replace `a[b]`. */
const isWithin = (one: Path, other: Path): boolean =>
  one.every((part, index) => index >= other.length || part === other[index]);
