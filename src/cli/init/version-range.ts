/** Major, minor and patch version. */
type Version = readonly [number, number, number];

/** Versions from a first one, and before another. */
interface Interval {
  readonly from: Version;
  readonly before: Version;
}

const ALL: Interval = { from: [0, 0, 0], before: [Infinity, 0, 0] };
const COMPARATOR = /^(\^|~|[<>]?=?)v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:\.[x*])*(?:[-+].*)?$/;

/**
 * Whether a version can satisfy both ranges of package.json. Pre-releases count as their release, and what is not a range
 * of versions, such as a tag or a URL, may be any version.
 */
export function canBothAllow(one: string, other: string): boolean {
  const others = intervalsOf(other);
  return intervalsOf(one).some((interval) => others.some((further) => !isEmpty(overlap(interval, further))));
}

const intervalsOf = (range: string): Interval[] =>
  range.split('||').map((part) =>
    part
      .trim()
      .replace(/^(\S+)\s+-\s+(\S+)$/, '>=$1 <=$2')
      .replaceAll(/([<>=^~])\s+/g, '$1')
      .split(/\s+/)
      .map(intervalOf)
      .reduce(overlap, ALL),
  );

function intervalOf(comparator: string): Interval {
  const [, operator, ...parts] = COMPARATOR.exec(comparator) ?? [];
  if (operator === undefined) return ALL;
  const given = parts.filter((part) => part !== undefined).map(Number);
  const [major = 0, minor = 0, patch = 0] = given;
  const version: Version = [major, minor, patch];
  const next = after(version, given.length - 1);
  switch (operator) {
    case '^':
      return { from: version, before: after(version, Math.min(firstNonZero(version), given.length - 1)) };
    case '~':
      return { from: version, before: after(version, Math.min(1, given.length - 1)) };
    case '>':
      return { from: next, before: ALL.before };
    case '>=':
      return { from: version, before: ALL.before };
    case '<':
      return { from: ALL.from, before: version };
    case '<=':
      return { from: ALL.from, before: next };
    default:
      return { from: version, before: next };
  }
}

/** Returns the first version that differs from the given one at an index: after 4.5.1 at 1 comes 4.6.0. */
function after([major, minor, patch]: Version, index: number): Version {
  if (index === 0) return [major + 1, 0, 0];
  return index === 1 ? [major, minor + 1, 0] : [major, minor, patch + 1];
}

/** Returns the index of the number that a caret keeps. */
const firstNonZero = ([major, minor]: Version): number => (major > 0 ? 0 : minor > 0 ? 1 : 2);

const overlap = (one: Interval, other: Interval): Interval => ({
  from: isBelow(one.from, other.from) ? other.from : one.from,
  before: isBelow(one.before, other.before) ? one.before : other.before,
});

const isEmpty = ({ from, before }: Interval): boolean => !isBelow(from, before);

function isBelow(one: Version, other: Version): boolean {
  const index = one.findIndex((number, at) => number !== other[at]);
  return index >= 0 && (one[index] ?? 0) < (other[index] ?? 0);
}
