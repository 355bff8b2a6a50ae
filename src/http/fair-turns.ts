import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { type Turns, TURNS } from '../limits/turns.js';
import { Connection } from './connection.js';

/** Maximum number of requests that wait because their connections send ahead: some 6 MB. */
const MAX_SENT_AHEAD = 2_000;

/**
 * Maximum number of requests that wait on a connection which is still read. A client that goes away shows only while
 * its connection is read: otherwise an event stream with a request behind it would go on without a reader.
 */
const MAX_READ_AHEAD = 4;

/** Whose turn a request waits for, as far as that is known before it is served. */
export interface Sender {
  readonly group: string;
  readonly member: string;
}

/** Sender of requests whose token is missing, or not known yet. */
const STRANGER: Sender = { group: '', member: '' };

/**
 * Begins requests in fair turns, so that nobody's wait depends on how many requests others send, or on how many
 * connections. A request begins at once while the event loop has time; else it waits for a turn of its sender.
 *
 * At most one request of a connection is served at a time. A client may send many at once (HTTP/1.1 pipelining), and
 * Node begins to serve all of them as soon as it has read them, hundreds from 64 KB.
 *
 * A connection is not read from while more than a few of its requests wait, or one with a large body.
 */
export class FairTurns {
  readonly #connections = new WeakMap<Socket, Connection>();
  #waiting = 0;

  /** @param senderOf tells whose request waits; undefined for a stranger's */
  constructor(
    private readonly listener: RequestListener,
    private readonly senderOf: (request: IncomingMessage) => Sender | undefined = () => undefined,
    private readonly turns: Turns = TURNS,
  ) {}

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
    const isAhead = wasReadAhead || connection.isBusy || connection.waiting.length > 0;
    if (!isAhead && this.turns.isFree) this.#begin(connection, request, response);
    else this.#wait(connection, request, response, isAhead);
  }

  #begin(connection: Connection, request: IncomingMessage, response: ServerResponse): void {
    connection.isBusy = true;
    connection.bytesRead = connection.socket.bytesRead;
    response.once('close', () => {
      connection.isBusy = false;
      this.#queue(connection);
    });
    this.listener(request, response);
  }

  #wait(connection: Connection, request: IncomingMessage, response: ServerResponse, isAhead: boolean): void {
    if (connection.socket.destroyed) return;
    if (connection.waiting.length >= MAX_READ_AHEAD || !hasSmallBody(request)) connection.stopReading();
    if (!connection.isWatched) this.#watch(connection);
    connection.sendsAhead ||= isAhead;
    connection.waiting.push({ request, response, begin: holdBack(request) });
    if (!connection.isBusy && connection.waiting.length === 1) this.#queue(connection);
    if (++this.#waiting > MAX_SENT_AHEAD && isAhead) connection.socket.destroy();
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
    const [next] = connection.waiting;
    if (!next) return;
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
    connection.goOnReading();
    // The requests that it has sent ahead are all read at once, which costs as much as serving many.
    if (connection.sendsAhead) this.turns.end();
    connection.sendsAhead = false;
  }
}

/** Maximum length of a body that is read while its request waits, bytes. */
const SMALL_BODY = 16 * 1024;

/** Whether a request says that its body is small. */
function hasSmallBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) <= SMALL_BODY;
}

/**
 * Has `destroy()` of a request do nothing until it begins. Node destroys each request of a connection that closes, with
 * an error of its own, and that costs more than to serve it.
 *
 * @returns a function that tells that it begins
 */
function holdBack(request: IncomingMessage): () => void {
  const destroy = request.destroy.bind(request);
  let hasBegun = false;
  // Deleting the member later would slow down every use of the request.
  request.destroy = (error) => (hasBegun ? destroy(error) : request);
  return () => {
    hasBegun = true;
  };
}
