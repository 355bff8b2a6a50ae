import { getClassRef } from '@nestjs/core/helpers/class-ref-registry.js';

/**
 * Returns the class that NestJS created an instance from, and the instance's `constructor` if it is another class: a
 * mixin helper copies it, and a decorator that wraps the class in a proxy leaves the wrapped class. Either can have
 * decorators.
 */
export const classesOf = (instance: object): Set<Function> =>
  new Set([getClassRef(instance), instance.constructor]);
