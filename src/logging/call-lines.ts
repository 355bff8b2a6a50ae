import type { IncomingMessage } from 'node:http';

import type { LineLog } from './line-log.js';

const CALLS = Symbol('calls');
const BEGUN = Symbol('begun');

/** Log fields of a call that has ended. Undefined fields are omitted. */
export interface CallFields {
  /** Details of an unexpected failure, for which the line has the level `error`. */
  readonly error?: string | undefined;
  readonly [field: string]: unknown;
}

/** Call that has ended before its request. */
export interface KeptCall {
  readonly fields: CallFields;
  /** Whether another line of the log records the call, so it needs no line of its own. */
  readonly hasLine: boolean;
}

/** Request whose line also describes its call. */
export interface DescribedRequest {
  [CALLS]?: KeptCall[] | undefined;
  [BEGUN]?: number;
}

/** Keeps the calls of a request until it ends. */
export function keepCalls(request: DescribedRequest): void {
  request[CALLS] = [];
}

/**
 * Counts a call of a request. It may end after its request.
 *
 * @param isRepeated whether it repeats a call with the answers of its client, in a session within the same request
 */
export function beginCall(request: DescribedRequest, isRepeated: boolean): void {
  const begun = request[BEGUN] ?? 0;
  if (begun === 0 || !isRepeated) request[BEGUN] = begun + 1;
}

/** Returns the number of calls that a request has begun. */
export const begunCalls = (request: IncomingMessage & DescribedRequest): number => request[BEGUN] ?? 0;

/** Returns the calls of a request that were kept, and keeps no further ones. */
export function takeCalls(request: DescribedRequest): readonly KeptCall[] {
  const calls = request[CALLS] ?? [];
  request[CALLS] = undefined;
  return calls;
}

/** Logs a call, or keeps it for the line of its request. */
export function logCall(log: LineLog, request: DescribedRequest, call: KeptCall): void {
  const kept = request[CALLS];
  if (kept) kept.push(call);
  else if (!call.hasLine) writeCall(log, call.fields);
}

/** Writes the line of a call. */
export function writeCall(log: LineLog, call: CallFields): void {
  log[call.error === undefined ? 'info' : 'error'](call, 'call');
}
