/** Whether a value has members: an object, an array or a function. */
export const hasMembers = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';
