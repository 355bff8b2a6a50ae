import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';

import type { Reason } from '../../logging/reason.js';
import type { Failure } from './invocation.service.js';

/**
 * Marks an error, in `data`, whose message comes from this server or a handler and not from the SDK's validation. Only
 * the transport reads the mark; it is never sent.
 */
export const OWN_WORDS = Symbol('own words');

/** Creates an error whose message reaches the client unchanged. */
export const inOwnWords = (code: ProtocolErrorCode, message: string): ProtocolError =>
  new ProtocolError(code, message, OWN_WORDS);

/** Reasons that the caller can fix, for example by changing the request. */
const OF_THE_CALLER = new Set<Reason>(['forbidden', 'insufficient_scope', 'invalid_input', 'tool_error']);

/** Converts a failure to a protocol error, for methods without error results: resources, prompts and completion. */
export function failed({ message, reason }: Failure): ProtocolError {
  const isOfTheCaller = OF_THE_CALLER.has(reason) || reason.startsWith('http_4');
  return inOwnWords(
    isOfTheCaller ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError,
    reason === 'invalid_input' ? inOneLine(message) : message,
  );
}

/** Joins a list of problems into one line, for a protocol error. */
const inOneLine = (list: string): string => list.replace('\n- ', ' ').replaceAll('\n- ', '; ');
