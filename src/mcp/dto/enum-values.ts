/**
 * Values of an enum, without the names that TypeScript adds as values of its numeric members. Names may begin with a
 * digit, as in `{ '3_months': '3m' }`.
 */
export function enumValuesOf(type: object): unknown[] {
  return Object.entries(type)
    .filter(([name, value]) => !isReverseMapping(type, name, value))
    .map(([, value]: [string, unknown]) => value);
}

const isReverseMapping = (type: object, name: string, value: unknown): boolean => {
  const named: unknown = typeof value === 'string' ? Reflect.get(type, value) : undefined;
  return typeof named === 'number' && String(named) === name;
};
