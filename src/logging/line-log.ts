/** Destination of the lines for requests and calls. Undefined fields are omitted. */
export type LineLog = Record<'debug' | 'info' | 'warn' | 'error', (fields: object, message: string) => void>;

/** Injection token of the {@link LineLog}. */
export const LOG = Symbol('LOG');
