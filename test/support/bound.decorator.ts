/** Replaces a method with a getter, as decorators that bind methods to their instance do. */
export const Bound = (
  _prototype: object,
  _name: string | symbol,
  { value }: PropertyDescriptor,
): PropertyDescriptor => ({ configurable: true, get: (): unknown => value });
