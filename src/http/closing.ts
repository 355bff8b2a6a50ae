import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Time for which a client may read nothing of an ended response while its server closes. */
const UNREAD_TIMEOUT_MS = 2_000;

/**
 * Corrects which connections a server closes.
 *
 * Node takes a connection for idle once its response has ended, and would cut off what the client has not read yet.
 * Here, the client can read on, but not leave it unread. Node finds connections by their parsers, so it would not close
 * those without one; see `dedicateConnection`.
 *
 * @param responseOn returns the response of a connection until it is sent
 * @param unreadTimeout milliseconds
 * @returns a function that waits until the responses of all closed connections have ended. Node reports that the server
 *   is closed before that.
 */
export function correctClosing(
  server: Server,
  responseOn: (socket: Socket) => ServerResponse | undefined,
  unreadTimeout = UNREAD_TIMEOUT_MS,
): () => Promise<void> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const closeParsed = server.closeIdleConnections.bind(server);

  function closeIdle(): void {
    const busy = [...sockets].filter((socket) => responseOn(socket));
    for (const socket of busy) socket.destroy = spare;
    closeParsed();
    for (const socket of busy) {
      Reflect.deleteProperty(socket, 'destroy');
      const isPatient = !socket.timeout || socket.timeout > unreadTimeout;
      if (responseOn(socket)?.writableEnded && isPatient) socket.setTimeout(unreadTimeout);
    }
  }

  function closeAll(): void {
    for (const socket of sockets) socket.destroy();
  }

  // Node's `close()` calls it, too.
  server.closeIdleConnections = closeIdle;
  server.closeAllConnections = closeAll;
  return async () => {
    await Promise.all([...sockets].map((socket) => once(socket, 'close')));
  };
}

/** Replaces `destroy()` of a connection that Node must not destroy now. */
function spare(this: Socket): Socket {
  return this;
}
