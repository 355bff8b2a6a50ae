import type { Type } from '@nestjs/common';

/** Whether a value can be a class. Arrow functions and methods cannot. */
export const isClass = (value: unknown): value is Type<object> =>
  typeof value === 'function' && value.prototype !== undefined;
