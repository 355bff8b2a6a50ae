import { isRecord } from './is-record.js';

/** Whether a value implements Standard Schema. Some libraries use functions as schemas. */
export function isSchema(value: unknown): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const standard: unknown = Reflect.get(value, '~standard');
  return isRecord(standard) && typeof standard['validate'] === 'function';
}
