import { isRecord } from '../../values/is-record.js';

/** Returns the URIs that a request listens to; empty if invalid, in which case the SDK returns the error. */
export function resourcesIn(body: unknown): readonly string[] {
  const { resourceSubscriptions: named } = recordIn(recordIn(body, 'params'), 'notifications');
  return Array.isArray(named) && named.every((uri) => typeof uri === 'string') ? named : [];
}

/** Returns a request to listen to fewer URIs. */
export function withResources(body: unknown, uris: ReadonlySet<string>): unknown {
  if (!isRecord(body) || uris.size === resourcesIn(body).length) return body;
  const params = recordIn(body, 'params');
  const notifications = { ...recordIn(params, 'notifications'), resourceSubscriptions: [...uris] };
  return { ...body, params: { ...params, notifications } };
}

function recordIn(value: unknown, member: string): Record<string, unknown> {
  const found = isRecord(value) ? value[member] : undefined;
  return isRecord(found) ? found : {};
}
