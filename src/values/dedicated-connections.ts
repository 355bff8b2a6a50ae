import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Private parts of a connection of Node's HTTP server. */
interface Private {
  parser?: { readonly remove?: () => void; readonly close?: () => void } | null;
  readonly server?: unknown;
}

/** Connections without a parser. Node does not close them together with all others of a server. */
const dedicated = new Set<Socket & Private>();

/**
 * Dedicates the connection of a request to its response, and frees its HTTP parser. Node would keep the parser, 10 KB,
 * for further requests. Does nothing before the headers of the response are written, or if the request was not read.
 *
 * The connection closes after the response, which says so (RFC 9112, section 9.6). What the client sends until then is
 * ignored, and its end is noticed as usual.
 */
export function dedicateConnection(response: ServerResponse): void {
  response.setHeader('Connection', 'close');
  // Node may be running the parser now.
  setImmediate(() => {
    const { req: request, closed } = response;
    if (closed || !request.complete) return;
    const socket: Socket & Private = request.socket;
    const { parser } = socket;
    if (!parser?.remove || !parser.close) return;
    socket.removeAllListeners('data');
    socket.on('data', () => {}); // Node takes the connection back from the parser
    parser.remove();
    socket.parser = null;
    parser.close();
    dedicated.add(socket);
    socket.once('close', () => dedicated.delete(socket));
  });
}

/** Destroys the dedicated connections of a server, in addition to `server.closeAllConnections()`. */
export function destroyDedicated(server: Server): void {
  for (const socket of dedicated) if (socket.server === server) socket.destroy();
}
