import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { type Turns, TURNS } from '../limits/turns.js';
import { noteWait } from '../values/wait-for-turn.js';
import { Connection } from './connection.js';
import { goOnReading, stopReading } from './reading.js';

/** Maximum number of waiting requests of clients that send ahead, about 6 MB. */
const MAX_SENT_AHEAD = 2_000;

/**
 * Maximum number of requests that wait behind another one of their connection before reading stops. The server notices
 * a disconnected client only while it reads. Otherwise, an event stream followed by another request would continue
 * without a reader.
 */
const MAX_READ_AHEAD = 4;

/** Sender of a request, as far as known before the request is served. */
export interface Sender {
  readonly group: string;
  readonly member: string;
}

/** Sender of requests whose token is missing or not verified yet. */
const STRANGER: Sender = { group: '', member: '' };

/**
 * Begins requests in fair turns. The wait of a sender does not depend on how many requests or connections others have.
 * A request begins at once while the event loop has time. Otherwise, it waits for a turn of its sender.
 *
 * At most one request of a connection is served at a time. Clients may send many at once (HTTP/1.1 pipelining). Node
 * itself would begin all of them as soon as it has read them, hundreds from 64 KB.
 *
 * Reading from a connection stops while more than a few of its requests wait, or one with a large body.
 */
export class FairTurns {
  readonly #connections = new WeakMap<Socket, Connection>();
  /** Number of waiting requests. */
  #waiting = 0;

  /** @param senderOf returns the sender of a request; undefined for a stranger */
  constructor(
    private readonly listener: RequestListener,
    private readonly senderOf: (request: IncomingMessage) => Sender | undefined = () => undefined,
    private readonly turns: Turns = TURNS,
  ) {}

  /** Returns the response that a connection is busy with until it is sent, or the one that waits for its turn. */
  responseOn(socket: Socket): ServerResponse | undefined {
    const connection = this.#connections.get(socket);
    return connection?.response ?? connection?.waiting[0]?.response;
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    let connection = this.#connections.get(socket);
    if (!connection) this.#connections.set(socket, (connection = new Connection(socket)));
    // A request that is refused at once has ended before Node emits the next one from the same bytes.
    const wasReadAhead = socket.bytesRead === connection.bytesRead;
    const isAhead = wasReadAhead || connection.response !== undefined || connection.waiting.length > 0;
    if (!isAhead && this.turns.isFree) this.#begin(connection, request, response);
    else this.#wait(connection, request, response, isAhead);
  }

  #begin(connection: Connection, request: IncomingMessage, response: ServerResponse): void {
    connection.response = response;
    connection.bytesRead = connection.socket.bytesRead;
    response.on('close', () => {
      connection.response = undefined;
      // RFC 9112, section 9.6: after `Connection: close`, no further request of the connection is served.
      if (connection.socket.writable) this.#queue(connection);
    });
    this.listener(request, response);
  }

  #wait(connection: Connection, request: IncomingMessage, response: ServerResponse, isAhead: boolean): void {
    const begin = holdBack(request);
    if (connection.socket.destroyed) return;
    // The first one that waits does not wait behind a request of its connection.
    const ahead = connection.waiting.length + (connection.response ? 1 : 0);
    if (ahead > MAX_READ_AHEAD || !hasSmallBody(request)) stopReading(connection.socket);
    if (!connection.isWatched) this.#watch(connection);
    connection.sendsAhead ||= isAhead;
    connection.waiting.push({ request, response, begin });
    if (!connection.response && connection.waiting.length === 1) this.#queue(connection);
    if (++this.#waiting > MAX_SENT_AHEAD && isAhead) connection.socket.destroy();
  }

  /**
   * Drops the waiting requests once the connection is closed.
   *
   * Node then creates two errors for each of them. Their stack traces would take longer than serving the requests.
   */
  #watch(connection: Connection): void {
    const { socket, waiting } = connection;
    connection.isWatched = true;
    let stackTraceLimit: number;
    socket.prependListener('close', () => {
      stackTraceLimit = Error.stackTraceLimit;
      Error.stackTraceLimit = 0;
    });
    socket.on('close', () => {
      Error.stackTraceLimit = stackTraceLimit;
      this.#waiting -= waiting.length;
      waiting.length = 0;
    });
  }

  #queue(connection: Connection): void {
    const [next] = connection.waiting;
    if (!next) return;
    // Not before: until now, it waited for the response that its own client requested first.
    noteWait(next.request);
    const { group, member } = this.senderOf(next.request) ?? STRANGER;
    this.turns.add(group, member, () => this.#beginNext(connection));
  }

  #beginNext(connection: Connection): void {
    const next = connection.waiting.shift();
    if (!next) return;
    this.#waiting--;
    next.begin();
    this.#begin(connection, next.request, next.response);
    if (connection.waiting.length > 0) return;
    goOnReading(connection.socket);
    // Node now reads all requests that were sent ahead at once, which costs as much as serving many.
    if (connection.sendsAhead) this.turns.end();
    connection.sendsAhead = false;
  }
}

/** Maximum size of a body that is read while its request waits. */
const SMALL_BODY_BYTES = 16 * 1024;

/** Whether a request declares a small body. */
function hasSmallBody({ headers }: IncomingMessage): boolean {
  return (
    headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) <= SMALL_BODY_BYTES
  );
}

/**
 * Disables `destroy()` of a request until the request begins. When a connection closes, Node destroys each of its
 * requests with a separate error, which costs more than serving the request.
 *
 * @returns a function that enables `destroy()`
 */
function holdBack(request: IncomingMessage): () => void {
  const destroy = request.destroy.bind(request);
  let hasBegun = false;
  // Deleting the property later would slow down every use of the request.
  const destroyOnceBegun: typeof destroy = (error) => (hasBegun ? destroy(error) : request);
  request.destroy = destroyOnceBegun;
  return () => {
    hasBegun = true;
  };
}
