/** Copies a value that was parsed from JSON, in less time than `structuredClone`, which copies any value. */
export function jsonCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(jsonCopy);
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const member = jsonCopy(Reflect.get(value, name));
    if (name === '__proto__') define(copy, name, member);
    else copy[name] = member;
  }
  return copy;
}

/** Adds a member that an assignment would take for the prototype. */
const define = (target: object, name: string, value: unknown): void =>
  void Object.defineProperty(target, name, { value, configurable: true, enumerable: true, writable: true });
