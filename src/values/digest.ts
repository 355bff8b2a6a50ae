import { hash } from 'node:crypto';

import { isRecord } from './is-record.js';

/** SHA-256 of a JSON value. Independent of the order of object members. */
export const digestOf = (value: unknown): string =>
  hash('sha256', JSON.stringify(value, sortMembers), 'base64url');

const sortMembers = (_key: string, value: unknown): unknown =>
  isRecord(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
    : value;
