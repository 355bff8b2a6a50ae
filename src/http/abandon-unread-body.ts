import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long a client may go on sending after the answer, milliseconds, so that it can read the answer first. */
const LINGER = 1_000;

/** Connections that may be read from meanwhile: some clients read no answer before they have sent everything. */
const MAX_READ = 20;

let lingering = 0;

/**
 * Cuts the connection of a request that was answered before its body was read: refused callers cannot keep the
 * server busy with receiving what it will throw away.
 */
export function abandonUnreadBody(request: IncomingMessage, response: ServerResponse): void {
  response.on('finish', () => {
    if (request.complete) return;
    const { socket } = request;
    const timer = setTimeout(() => request.complete || socket.destroy(), LINGER).unref();
    lingering++;
    // Node reads what is left by itself, be it megabytes. Chunks may be tiny, and each costs microseconds and memory.
    if (lingering > MAX_READ || request.headers['transfer-encoding'] !== undefined) stopReading(socket);
    request.resume(); // lets go of what has been read
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

/** Has Node read no more, although it goes on by itself whenever a request or a response makes progress. */
function stopReading(socket: IncomingMessage['socket']): void {
  socket.pause();
  socket.resume = () => socket;
}
