/** Returns a list, or an empty one for any other value. */
export const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
