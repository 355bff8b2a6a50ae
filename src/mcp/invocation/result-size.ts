/**
 * About as many characters as a result has when it is written: of its texts, names and data.
 *
 * Counted, because writing a result down only to measure it would cost as much as sending it.
 *
 * @throws {TypeError} when there is something that JSON has no form for; whatever a `toJSON` throws
 */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value === 'bigint') throw new TypeError('A bigint cannot be written as JSON.');
  if (typeof value !== 'object' || value === null) return 5;
  const toJson: unknown = Reflect.get(value, 'toJSON');
  if (typeof toJson === 'function') return sizeOf(Reflect.apply(toJson, value, []));
  let size = 2;
  for (const [name, member] of Object.entries(value)) size += name.length + 4 + sizeOf(member);
  return size;
}
