'use strict';

/**
 * Records the own properties of an object.
 * @param {object} object
 */
exports.record = (object) =>
  new Map(Reflect.ownKeys(object).map((key) => [key, Object.getOwnPropertyDescriptor(object, key)]));

/**
 * Brings the own properties of an object back to a record.
 * @param {object} object
 * @param {Map<string | symbol, PropertyDescriptor>} recorded
 * @param {ReadonlySet<string | symbol>} kept properties that may stay, although they are not in the record
 */
exports.restore = (object, recorded, kept = new Set()) => {
  for (const key of Reflect.ownKeys(object)) {
    if (!recorded.has(key) && !kept.has(key)) Reflect.deleteProperty(object, key);
  }
  for (const [key, descriptor] of recorded) {
    if (Object.getOwnPropertyDescriptor(object, key)?.value !== descriptor.value || 'get' in descriptor) {
      Reflect.defineProperty(object, key, descriptor);
    }
  }
};
