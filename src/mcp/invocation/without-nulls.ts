import { isRecord } from '../is-record.js';
import type { Json } from './plain-json.js';

type Members = Record<string, Json>;

/** The members that hold data of a tool's own, in which null may mean something. */
const DATA = new Set(['_meta', 'structuredContent']);

/**
 * Leaves out the members that are null, at any depth. The protocol's own types have none, but serializers of other
 * languages write null for every member that is not set. Data of a tool's own stays as it is.
 */
export function membersWithoutNulls(value: Members): Members {
  const kept = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(
    kept.map(([name, member]) => [name, DATA.has(name) ? member : withoutNulls(member)]),
  );
}

/** The same of any value. */
export function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls);
  return isRecord(value) ? membersWithoutNulls(value) : value;
}
