import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';

import type { Reason } from '../../logging/reason.js';
import type { Failure } from './invocation.service.js';

/** What the caller may mend by asking for something else. */
const OF_THE_CALLER = new Set<Reason>(['forbidden', 'insufficient_scope', 'invalid_input', 'tool_error']);

/** A failure where the protocol has no result that could tell of it: resources, prompts, completion. */
export function failed({ message, reason }: Failure): ProtocolError {
  return new ProtocolError(
    OF_THE_CALLER.has(reason) ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError,
    message,
  );
}
