import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long a client may go on sending after the answer, milliseconds, so that it can read the answer first. */
const LINGER = 1_000;

/**
 * Cuts the connection of a request that was answered before its body was read: refused callers cannot keep the
 * server busy with receiving what it will throw away.
 */
export function abandonUnreadBody(request: IncomingMessage, response: ServerResponse): void {
  response.on('finish', () => {
    if (!request.complete) setTimeout(() => request.complete || request.socket.destroy(), LINGER).unref();
  });
}
