import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';

import { ruleOf } from './call-reason.js';
import type { Failure } from './failure.js';

/**
 * Marks an error, in `data`, whose message comes from this server or a handler and not from the SDK's validation. Only
 * the transport reads the mark; it is never sent.
 */
export const OWN_WORDS = Symbol('own words');

/** Creates an error whose message reaches the client unchanged. */
export const inOwnWords = (code: ProtocolErrorCode, message: string): ProtocolError =>
  new ProtocolError(code, message, OWN_WORDS);

/** Converts a failure to a protocol error, for methods without error results: resources, prompts and completion. */
export function failed({ message, reason }: Failure): ProtocolError {
  return inOwnWords(
    ruleOf(reason).isOfTheCaller ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError,
    reason === 'invalid_input' ? inOneLine(message) : message,
  );
}

/** Joins a list of problems into one line, for a protocol error. */
const inOneLine = (list: string): string => list.replace('\n- ', ' ').replaceAll('\n- ', '; ');
