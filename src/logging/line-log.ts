/** Destination of the lines for requests and calls. Undefined fields are omitted. */
export type LineLog = Record<'debug' | 'info' | 'warn' | 'error', (fields: object, message: string) => void>;

/** Injection token of the {@link LineLog}. */
export const LOG = Symbol('LOG');

/** Writes a line at level `info` with one field, whose value is JSON already. Returns whether the log has taken it. */
export type WriteJson = (field: string, json: string, message: string) => boolean;

const writers = new WeakMap<LineLog, WriteJson>();

/** Lets {@link infoJson} write JSON to a log as it is. */
export const acceptJson = (log: LineLog, write: WriteJson): void => void writers.set(log, write);

/**
 * Writes a line at level `info` with one field, whose value is JSON already. Most logs would serialize it again.
 *
 * @returns whether the log has taken the line; false while it is read too slowly
 */
export function infoJson(log: LineLog, field: string, json: string, message: string): boolean {
  const write = writers.get(log);
  if (write) return write(field, json, message);
  log.info({ [field]: JSON.parse(json) }, message);
  return true;
}
