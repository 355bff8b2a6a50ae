import { createHmac } from 'node:crypto';

import { isRecord } from '../values/is-record.js';

/** Returns a digest of arguments that does not depend on the order of their members. */
export const argumentsDigest = (input: unknown, key: string): string =>
  createHmac('sha256', key)
    .update(canonicalJson(input ?? null))
    .digest('hex');

/** Returns JSON with sorted members (RFC 8785). */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const members = Object.keys(value).toSorted();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name])}`).join(',')}}`;
}
