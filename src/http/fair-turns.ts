import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Time in which waiting requests begin before everything else has its turn, milliseconds. */
const TURN_MS = 1;

/** Maximum number of requests that wait, on all connections: some 60 MB. */
const MAX_WAITING = 20_000;

/** One connection, and the requests that it has sent ahead. */
class Connection {
  isBusy = false;
  isWatched = false;
  /** Bytes that had been read from it when a request last began. */
  bytesRead = -1;
  readonly waiting: { readonly request: IncomingMessage; readonly response: ServerResponse }[] = [];

  constructor(readonly socket: Socket) {}

  /** Has Node read no more. It would go on by itself whenever a request or a response makes progress. */
  stopReading(): void {
    this.socket.pause();
    this.socket.resume = () => this.socket;
  }

  goOnReading(): void {
    Reflect.deleteProperty(this.socket, 'resume');
    this.socket.resume();
  }
}

/**
 * Serves at most one request of a connection at a time. A client may send many at once (HTTP/1.1 pipelining), and Node
 * begins to serve all of them as soon as it has read them, hundreds from 64 KB: everybody else would wait.
 *
 * Requests that wait begin one after the other, connection by connection, in short turns. Meanwhile their connections
 * are not read from.
 */
export class FairTurns {
  readonly #connections = new WeakMap<Socket, Connection>();
  /** Connections that have a request waiting and none being served. */
  #ready: Connection[] = [];
  #waiting = 0;
  #isScheduled = false;

  constructor(private readonly listener: RequestListener) {}

  /** Number of requests that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    let connection = this.#connections.get(socket);
    if (!connection) this.#connections.set(socket, (connection = new Connection(socket)));
    // A request that is refused at once is over before Node hands out the next one of the same bytes.
    const wasReadAhead = socket.bytesRead === connection.bytesRead;
    if (!wasReadAhead && !connection.isBusy && connection.waiting.length === 0)
      this.#begin(connection, request, response);
    else if (!socket.destroyed) this.#wait(connection, request, response);
  }

  #begin(connection: Connection, request: IncomingMessage, response: ServerResponse): void {
    connection.isBusy = true;
    connection.bytesRead = connection.socket.bytesRead;
    response.once('close', () => {
      connection.isBusy = false;
      if (connection.waiting.length > 0) this.#queue(connection);
    });
    this.listener(request, response);
  }

  #wait(connection: Connection, request: IncomingMessage, response: ServerResponse): void {
    if (connection.waiting.length === 0) connection.stopReading();
    if (!connection.isWatched) this.#watch(connection);
    connection.waiting.push({ request, response });
    if (!connection.isBusy && connection.waiting.length === 1) this.#queue(connection);
    if (++this.#waiting > MAX_WAITING) connection.socket.destroy();
  }

  /** Nobody waits any more once the connection is closed. */
  #watch(connection: Connection): void {
    connection.isWatched = true;
    connection.socket.once('close', () => {
      this.#waiting -= connection.waiting.length;
      connection.waiting.length = 0;
    });
  }

  #queue(connection: Connection): void {
    this.#ready.push(connection);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#isScheduled = false;
    const end = performance.now() + TURN_MS;
    let connection = this.#ready.shift();
    while (connection) {
      const next = connection.waiting.shift();
      if (next) {
        this.#waiting--;
        this.#begin(connection, next.request, next.response);
      }
      const isDrained = connection.waiting.length === 0;
      if (isDrained) connection.goOnReading();
      // What a connection has sent ahead is read at once, and costs as much as many requests.
      connection = isDrained || performance.now() > end ? undefined : this.#ready.shift();
    }
    if (this.#ready.length > 0) this.#schedule();
  }
}
