import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';

import type { Reason } from '../../logging/reason.js';
import type { Failure } from './invocation.service.js';

/**
 * `data` of an error whose message this server or a handler has written, as opposed to a validator's report of the SDK.
 * It is for the transport alone, and never sent.
 */
export const OWN_WORDS = Symbol('own words');

/** An error whose message reaches the client as it is. */
export const inOwnWords = (code: ProtocolErrorCode, message: string): ProtocolError =>
  new ProtocolError(code, message, OWN_WORDS);

/** Reasons for which the caller can do something, such as asking for something else. */
const OF_THE_CALLER = new Set<Reason>(['forbidden', 'insufficient_scope', 'invalid_input', 'tool_error']);

/** A failure where the protocol has no result that could tell of it: resources, prompts, completion. */
export function failed({ message, reason }: Failure): ProtocolError {
  const isOfTheCaller = OF_THE_CALLER.has(reason) || reason.startsWith('http_4');
  return inOwnWords(
    isOfTheCaller ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError,
    reason === 'invalid_input' ? inOneLine(message) : message,
  );
}

/** A list of problems, which a model reads line by line, as the one line of a protocol error. */
const inOneLine = (list: string): string => list.replace('\n- ', ' ').replaceAll('\n- ', '; ');
