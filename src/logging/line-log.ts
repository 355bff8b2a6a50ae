/** Destination of the lines for requests and calls. Undefined fields are omitted. */
export type LineLog = Record<'debug' | 'info' | 'warn' | 'error', (fields: object, message: string) => void>;

/** Injection token of the {@link LineLog}. */
export const LOG = Symbol('LOG');

/** Writes a line at level `info` with one field, whose value is JSON already. */
export type WriteJson = (field: string, json: string, message: string) => void;

const writers = new WeakMap<LineLog, WriteJson>();

/** Lets {@link infoJson} write JSON to a log as it is. */
export const acceptJson = (log: LineLog, write: WriteJson): void => void writers.set(log, write);

/** Writes a line at level `info` with one field, whose value is JSON already. Most logs would serialize it again. */
export function infoJson(log: LineLog, field: string, json: string, message: string): void {
  const write = writers.get(log);
  if (write) write(field, json, message);
  else log.info({ [field]: JSON.parse(json) }, message);
}
