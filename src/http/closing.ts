import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Time within which a client must continue a request whose headers are incomplete, milliseconds. */
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
  /** Timeouts of connections whose clients must go on: read an ended response, or send the rest of their headers. */
  const limits = new WeakMap<Socket, number>();
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
      // Without an end, it is served now, also if the client has sent it ahead.
      if (responseOn(socket)?.writableEnded) limit(socket, unreadTimeout);
      else if (limits.delete(socket)) socket.setTimeout(0);
    }
    for (const socket of sockets) {
      if (socket.bytesRead === 0) socket.destroy();
      else if (isParsed(socket) && !responseOn(socket)) limit(socket, HEADERS_TIMEOUT_MS);
    }
  }

  function limit(socket: Socket, timeout: number): void {
    const set = limits.get(socket);
    const isLimited = set === undefined ? socket.timeout && socket.timeout <= timeout : set === timeout;
    if (isLimited) return;
    limits.set(socket, timeout);
    socket.setTimeout(timeout);
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
