type Keywords = Record<string, unknown>;

/** Returns the value that both demand, for keywords that several rules may state. */
type Merge = (left: unknown, right: unknown) => unknown;

const largest: Merge = (left, right) => (Number(left) > Number(right) ? left : right);
const smallest: Merge = (left, right) => (Number(left) < Number(right) ? left : right);
const inBoth: Merge = (left, right) =>
  Array.isArray(left) && Array.isArray(right) ? left.filter((value) => right.includes(value)) : right;
const joined: Merge = (left, right) => (left === right ? left : `${String(left)} ${String(right)}`);

const MERGES: Readonly<Record<string, Merge>> = {
  minimum: largest,
  exclusiveMinimum: largest,
  minLength: largest,
  minItems: largest,
  minProperties: largest,
  maximum: smallest,
  exclusiveMaximum: smallest,
  maxLength: smallest,
  maxItems: smallest,
  enum: inBoth,
  description: joined,
};

/** Merges restrictions so that all of them hold. A second pattern becomes a part of `allOf`. */
export function mergeKeywords(parts: readonly Keywords[]): Keywords {
  const merged: Keywords = {};
  const patterns = new Set<unknown>();
  for (const [keyword, value] of parts.flatMap((part) => Object.entries(part))) {
    if (value === undefined) continue;
    if (keyword === 'pattern') patterns.add(value);
    const merge = keyword in merged ? MERGES[keyword] : undefined;
    merged[keyword] = merge ? merge(merged[keyword], value) : value;
  }
  const [pattern, ...others] = patterns;
  return {
    ...merged,
    ...(patterns.size > 0 && { pattern }),
    ...(others.length > 0 && { allOf: others.map((other) => ({ pattern: other })) }),
  };
}
