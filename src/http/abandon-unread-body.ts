import type { IncomingMessage, ServerResponse } from 'node:http';

import { stopReading } from './reading.js';

/** Time to keep a connection open after the response, so that the client can read the response. */
const LINGER_MS = 1_000;

/** Maximum number of such connections to read from. Some clients read no response before they have sent everything. */
const MAX_READ = 20;

let lingering = 0;

/**
 * Closes the connection of a request that was answered before its body was read. Otherwise, refused callers could keep
 * the server busy with bodies that it discards.
 */
export function abandonUnreadBody(request: IncomingMessage, response: ServerResponse): void {
  response.on('finish', () => {
    if (request.complete) return;
    const { socket } = request;
    const timer = setTimeout(() => request.complete || socket.destroy(), LINGER_MS).unref();
    lingering++;
    // Node reads the rest by itself, even megabytes. Each chunk costs microseconds and memory, and chunks may be tiny.
    if (lingering > MAX_READ || request.headers['transfer-encoding'] !== undefined) stopReading(socket);
    request.resume(); // discards data that is already buffered
    const end = (): void => {
      clearTimeout(timer);
      request.off('end', end);
      socket.off('close', end);
      lingering--;
    };
    request.once('end', end);
    socket.once('close', end);
  });
}
