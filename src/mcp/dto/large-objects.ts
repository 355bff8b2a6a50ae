/**
 * Maximum number of members of an object. class-transformer compares each member with all others: 100,000 members would
 * keep the event loop busy for seconds.
 */
export const MAX_MEMBERS = 1_000;

/** Returns the path of an object with more members than {@link MAX_MEMBERS}; undefined if there is none. */
export function pathOfLargeObject(value: unknown): readonly string[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const inner = pathOfLargeObject(value[index]);
      if (inner) return [String(index), ...inner];
    }
    return undefined;
  }
  const members = Object.entries(value);
  if (members.length > MAX_MEMBERS) return [];
  for (const [name, member] of members) {
    const inner = pathOfLargeObject(member);
    if (inner) return [name, ...inner];
  }
  return undefined;
}
