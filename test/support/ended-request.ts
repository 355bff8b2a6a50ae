import type { Request } from 'express';

import type { EndedRequest } from '../../src/observation/observer.js';

/** Begin of a request, for an observer. */
export const REQUEST = { method: 'POST', secure: false, headers: {} } as Request;

/** End of a request for a list of tools that was answered with a result. */
export const ENDED: EndedRequest = {
  requestId: 'one',
  httpMethod: 'POST',
  path: '/mcp',
  route: '/mcp',
  status: 200,
  isUnanswered: false,
  address: undefined,
  principal: undefined,
  messages: [{ method: 'tools/list', body: {} }],
  targets: undefined,
  reason: undefined,
  errorCode: undefined,
  isAborted: false,
  calls: 0,
  durationMs: 1,
};
