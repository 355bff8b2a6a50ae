import { getClassRef } from '@nestjs/core/helpers/class-ref-registry.js';

import { isObject } from '../../values/is-object.js';

/**
 * Returns the class that NestJS created an instance from, its base classes, and the `constructor` of each if it is
 * another class: a mixin helper copies it, and a decorator that wraps the class in a proxy leaves the wrapped class. Any
 * of them can have decorators.
 */
export function classesOf(instance: object): Set<Function> {
  const classes = new Set<Function>();
  for (let level: unknown = instance; isObject(level); level = Object.getPrototypeOf(level)) {
    for (const type of [getClassRef(level), level.constructor]) {
      if (typeof type === 'function') classes.add(type);
    }
  }
  return classes;
}
