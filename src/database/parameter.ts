import { createRequire } from 'node:module';

/** Part of pg that its types leave out. */
const utils: { prepareValue(value: unknown): string | Buffer | null } = createRequire(import.meta.url)(
  'pg/lib/utils.js',
);

/** Converts a parameter to text or bytes, as pg does in its own queries. */
export const parameterOf = (value: unknown): string | Buffer | null => utils.prepareValue(value);
