import { isRecord } from './is-record.js';

/** Returns an object, or an empty one for any other value. */
export const recordIn = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : {});
