import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Time for the rest of the headers of a request while the server closes, milliseconds. */
const HEADERS_TIMEOUT_MS = 2_000;

/** Connections of a server that closes. */
export interface Closing {
  /** Number of connections with a response that is not sent. */
  readonly busy: number;
  /**
   * Waits until the responses of all closed connections have ended. Node reports that the server is closed before that.
   */
  settle(): Promise<void>;
}

/**
 * Corrects which connections a server closes.
 *
 * Node takes a connection for idle once its response has ended, and would cut off what the client has not read yet.
 * Here, the client can read on, but not leave it unread. Node takes a connection for busy before its first byte, but
 * browsers open some in advance. And it finds connections by their parsers, so it would not close those without one; see
 * `dedicateConnection`. And a server that closes no longer checks `headersTimeout`, so a request whose headers are
 * incomplete would delay it for as long as its client likes.
 *
 * @param responseOn returns the response of a connection until it is sent
 * @param unreadTimeout time for which a client may read nothing of an ended response, milliseconds. Node doubles it if the
 *   client has read something before.
 */
export function correctClosing(
  server: Server,
  responseOn: (socket: Socket) => ServerResponse | undefined,
  unreadTimeout: number,
): Closing {
  const sockets = new Set<Socket>();
  /** Connections with an ended response that must be read. */
  const limited = new WeakSet<Socket>();
  /** When connections close that wait for the rest of the headers of a request, milliseconds. */
  const deadlines = new WeakMap<Socket, number>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const busy = (): Socket[] => [...sockets].filter((socket) => responseOn(socket));
  const closeParsed = server.closeIdleConnections.bind(server);

  function closeIdle(): void {
    const spared = busy();
    for (const socket of spared) socket.destroy = spare;
    closeParsed();
    for (const socket of spared) {
      Reflect.deleteProperty(socket, 'destroy');
      limitUnread(socket);
    }
    for (const socket of sockets) closeOverdue(socket);
  }

  function limitUnread(socket: Socket): void {
    if (!responseOn(socket)?.writableEnded) {
      // The client has sent another request ahead, which is served now.
      if (limited.delete(socket)) socket.setTimeout(0);
    } else if (!socket.timeout || socket.timeout > unreadTimeout) {
      limited.add(socket);
      socket.setTimeout(unreadTimeout);
    }
  }

  /** Closes a connection that has sent nothing, or has had its time for the rest of the headers. */
  function closeOverdue(socket: Socket): void {
    if (socket.bytesRead === 0) socket.destroy();
    else if (responseOn(socket)) deadlines.delete(socket);
    else if (isParsed(socket)) {
      const now = performance.now();
      const deadline = deadlines.get(socket) ?? now + HEADERS_TIMEOUT_MS;
      deadlines.set(socket, deadline);
      if (now >= deadline) socket.destroy();
    }
  }

  function closeAll(): void {
    for (const socket of sockets) socket.destroy();
  }

  // Node's `close()` calls it, too.
  server.closeIdleConnections = closeIdle;
  server.closeAllConnections = closeAll;
  return {
    get busy() {
      return busy().length;
    },
    settle: async () => {
      await Promise.all([...sockets].map((socket) => once(socket, 'close')));
    },
  };
}

/** Whether Node parses what a client sends. It hands upgraded connections, such as WebSockets, to the application. */
const isParsed = (socket: Socket & { readonly parser?: object | null }): boolean => Boolean(socket.parser);

/** Replaces `destroy()` of a connection that Node must not destroy now. */
function spare(this: Socket): Socket {
  return this;
}
