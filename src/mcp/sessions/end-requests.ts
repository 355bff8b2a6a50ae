import { INTERNAL_ERROR } from '@modelcontextprotocol/server';

import { REFUSED } from '../wire/json-rpc-error.js';
import type { RequestId } from './pending-requests.js';

/** JSON-RPC error of a response. */
interface ResponseError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** Response to an abandoned request. */
export const ABANDONED: ResponseError = {
  code: INTERNAL_ERROR,
  message:
    'The request was abandoned: no handler is running, and no client is connected to answer its question.',
};

/** Response to a request whose token was revoked. */
export const REVOKED: ResponseError = {
  code: REFUSED,
  message: 'The token of the request was revoked. Repeat the call with the current token.',
};

/** Response to a request of a session that ends. */
export const ENDED: ResponseError = { code: REFUSED, message: 'The session has ended.' };

/** Response to a request that would wait for an answer which can no longer arrive. */
export const STOPPING: ResponseError = {
  code: REFUSED,
  message: 'The server is stopping, so it can no longer receive an answer to its question. Repeat the call.',
  data: { limit: 'stopping', retryAfter: 1 },
};

/** Transport of either major version of the SDK. */
interface EndingTransport {
  onmessage?: (message: {
    readonly jsonrpc: '2.0';
    readonly method: string;
    readonly params: { readonly requestId: RequestId; readonly reason: string };
  }) => void;
  send(message: {
    readonly jsonrpc: '2.0';
    readonly id: RequestId;
    readonly error: ResponseError;
  }): Promise<void>;
}

/** Cancels requests at the server, and answers them with an error, unless the client is gone. */
export function endRequests(
  transport: EndingTransport,
  numbers: readonly RequestId[],
  error: ResponseError,
): void {
  for (const requestId of numbers) {
    const params = { requestId, reason: error.message };
    transport.onmessage?.({ jsonrpc: '2.0', method: 'notifications/cancelled', params });
    // The server first withdraws the questions of the request. An answered request could send nothing more.
    setImmediate(() => void transport.send({ jsonrpc: '2.0', id: requestId, error }).catch(() => undefined));
  }
}
