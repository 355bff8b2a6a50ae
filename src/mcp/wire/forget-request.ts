import type { Request, Response } from 'express';

import { readMessagesOf, setMessages } from '../../logging/refused-response.js';
import { recordIn } from '../../values/record-in.js';

const NONE = Object.freeze({});

/** Length of `traceparent` (W3C Trace Context). */
const TRACEPARENT_LENGTH = 55;

/**
 * Drops what Node, Express and the log keep of a request until its response ends, including the token and the body. Call
 * this once nothing reads the request any more, for a response that may stay open for hours.
 */
export function forgetRequest(request: Request, response: Response): void {
  request.headers = {};
  request.rawHeaders = [];
  request.params = NONE;
  request.next = undefined;
  response.locals = NONE;
  setMessages(
    response,
    readMessagesOf(response).map(({ method, body }) => ({ method, body: traceOnly(body) })),
  );
}

/** Returns a message with nothing but the trace that its span continues. */
function traceOnly(body: unknown): object {
  const { traceparent } = recordIn(recordIn(recordIn(body)['params'])['_meta']);
  const isTrace = typeof traceparent === 'string' && traceparent.length <= TRACEPARENT_LENGTH;
  return isTrace ? { params: { _meta: { traceparent } } } : NONE;
}
