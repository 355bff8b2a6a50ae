import { isRecord } from '../../values/is-record.js';
import { recordIn } from '../../values/record-in.js';

/** Returns the URIs that a request listens to; empty if invalid, in which case the SDK returns the error. */
export function resourcesIn(body: unknown): readonly string[] {
  const { resourceSubscriptions: named } = notificationsIn(body);
  return Array.isArray(named) && named.every((uri) => typeof uri === 'string') ? named : [];
}

/** Returns a request to listen to fewer URIs. */
export function withResources(body: unknown, uris: ReadonlySet<string>): unknown {
  if (!isRecord(body) || uris.size === resourcesIn(body).length) return body;
  const notifications = { ...notificationsIn(body), resourceSubscriptions: [...uris] };
  return { ...body, params: { ...paramsIn(body), notifications } };
}

/** Returns the changes that a request, or its acknowledgement, names. */
export const notificationsIn = (message: unknown): Record<string, unknown> =>
  recordIn(paramsIn(message)['notifications']);

const paramsIn = (message: unknown): Record<string, unknown> => recordIn(recordIn(message)['params']);
