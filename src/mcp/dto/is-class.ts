import type { Type } from '@nestjs/common';

/** Whether a value can be a class. Arrow functions and methods cannot. */
export const isClass = (value: unknown): value is Type<object> =>
  typeof value === 'function' && value.prototype !== undefined;

/** Calls functions such as `() => Order`, which name a type that is declared later. */
export const resolvedType = (type: unknown): unknown => (isFactory(type) && !isClass(type) ? type() : type);

export const isFactory = (value: unknown): value is () => unknown => typeof value === 'function';
