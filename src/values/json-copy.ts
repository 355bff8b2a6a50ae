/** Copies a value that was parsed from JSON. Faster than `structuredClone`, which copies any value. */
export function jsonCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(jsonCopy);
  const copy: Record<string, unknown> = { ...value };
  for (const name in copy) copy[name] = jsonCopy(copy[name]);
  return copy;
}
