import { isRecord } from '../../values/is-record.js';
import type { Json } from '../../values/plain-json.js';

type Members = Record<string, Json>;

/** Members that hold the tool's own data, where null may have a meaning. */
const DATA = new Set(['_meta', 'structuredContent']);

/**
 * Removes members that are null, at any depth. Protocol types never use null, but serializers of other languages write
 * null for unset members. The tool's own data is unchanged.
 */
export function membersWithoutNulls(value: Members): Members {
  const kept = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(
    kept.map(([name, member]) => [name, DATA.has(name) ? member : withoutNulls(member)]),
  );
}

/** Removes null members from any value. */
export function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls);
  return isRecord(value) ? membersWithoutNulls(value) : value;
}
