import { isRecord } from '../../values/is-record.js';

/** Returns the URIs that a request listens to; empty if invalid, in which case the SDK returns the error. */
export function resourcesIn(body: unknown): readonly string[] {
  const { resourceSubscriptions: named } = notificationsIn(body);
  return Array.isArray(named) && named.every((uri) => typeof uri === 'string') ? named : [];
}

/** Returns a request to listen to fewer URIs. */
export function withResources(body: unknown, uris: ReadonlySet<string>): unknown {
  if (!isRecord(body) || uris.size === resourcesIn(body).length) return body;
  const notifications = { ...notificationsIn(body), resourceSubscriptions: [...uris] };
  return { ...body, params: { ...recordIn(body, 'params'), notifications } };
}

/** Returns the changes that a request, or its acknowledgement, names. */
export const notificationsIn = (message: unknown): Record<string, unknown> =>
  recordIn(recordIn(message, 'params'), 'notifications');

function recordIn(value: unknown, member: string): Record<string, unknown> {
  const found = isRecord(value) ? value[member] : undefined;
  return isRecord(found) ? found : {};
}
