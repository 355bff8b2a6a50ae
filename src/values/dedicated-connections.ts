import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Private parts of a connection of Node's HTTP server. */
interface Private {
  parser?: {
    /** Latest request of the connection. */
    readonly incoming?: IncomingMessage | null;
    readonly remove?: () => void;
    readonly close?: () => void;
  } | null;
}

/**
 * Dedicates the connection of a request to its response, and frees its HTTP parser. Node would keep the parser, 10 KB,
 * for further requests. To be called before the headers of the response are written.
 *
 * The connection closes after the response, which says so (RFC 9112, section 9.6), or as soon as the client sends
 * anything else. If it has sent another request already, the parser stays, and so do Node's timeouts.
 */
export function dedicateConnection(response: ServerResponse): void {
  response.setHeader('Connection', 'close');
  // Node may be running the parser now.
  setImmediate(() => {
    if (!response.closed) freeParser(response.req);
  });
}

function freeParser(request: IncomingMessage): void {
  const socket: Socket & Private = request.socket;
  const { parser } = socket;
  if (!parser?.remove || !parser.close) return;
  const isLast = request.complete && parser.incoming === request;
  // Somebody else reads the connection, too.
  if (!isLast || socket.listenerCount('data') !== 1) return;
  socket.removeAllListeners('data');
  socket.on('data', destroy); // Node takes the connection back from the parser
  parser.remove();
  socket.parser = null;
  parser.close();
}

function destroy(this: Socket): void {
  this.destroy();
}
