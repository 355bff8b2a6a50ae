import {
  type AuthInfo,
  type JSONRPCMessage,
  type MessageExtraInfo,
  type RequestId,
  type Transport,
  type TransportSendOptions,
} from '@modelcontextprotocol/server';
import type { Response as HttpResponse } from 'express';

import type { Principal } from '../../auth/principal.js';
import type { Receive } from '../server/receiver.js';
import { setError } from '../wire/error-reason.js';
import { requestIdsOf } from '../wire/legacy-messages.js';
import { isRequest } from '../wire/plain-request.js';
import { ABANDONED, ENDED, endRequests, REVOKED, STOPPING } from './end-requests.js';
import type { SessionEvents } from './event-log.js';
import { type PendingRequest, PendingRequests } from './pending-requests.js';
import { unknownSession } from './session-registry.js';
import type { Connection, SessionStream } from './session-stream.js';
import { type PostConnection, SessionStreams } from './session-streams.js';

/** First revision whose clients accept an event without a message and can resume after it. */
const RESUMING_REVISION = '2025-11-25';

/** Request that is not answered yet. */
interface Pending extends PendingRequest {
  readonly stream: SessionStream;
  /** HTTP response of its POST; undefined if the POST has other requests, too. */
  readonly response: HttpResponse | undefined;
}

/**
 * Transports the messages of one legacy session (MCP specification, basic/transports).
 *
 * Each request gets an internal number as its ID. The server handles cancellations with a delay: under the client's ID,
 * a cancellation could hit a later request with the same ID, which would never be answered.
 */
export class SessionTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;
  /** Passes a request to the server. */
  receive: Receive = (message, extra) => this.onmessage?.(message, extra);
  readonly #streams: SessionStreams;
  readonly #pending = new PendingRequests<Pending>();
  #isDraining = false;
  #isClosed = false;

  constructor(
    readonly sessionId: string,
    events: SessionEvents,
  ) {
    this.#streams = new SessionStreams(events);
  }

  /** Whether the server waits for a response of the client. */
  get isAsking(): boolean {
    return this.#pending.isAsking;
  }

  /** See {@link PendingRequests.isWorking}. */
  get isWorking(): boolean {
    return this.#pending.isWorking;
  }

  /** Whether a client is connected. */
  get attended(): boolean {
    return this.#streams.attended;
  }

  async start(): Promise<void> {}

  /** Sets the revision of the session; called by the server. */
  setProtocolVersion(revision: string): void {
    this.#streams.isResumable = revision >= RESUMING_REVISION;
  }

  /**
   * Passes the messages of one POST to the server, and sends the responses.
   *
   * @returns when all requests are answered or canceled, even if the client has disconnected
   * @throws {JsonRpcError} 400 when the ID of a request is the ID of a pending one; 404 when the session ended while it
   *   was opened, because its caller opened too many; 429 or 503 when a request cannot resume now after an answer
   * @throws {InsufficientScopeError | ForbiddenError} when the token may not answer a question; see
   *   {@link PendingRequests.answer}
   */
  async serve(
    messages: readonly JSONRPCMessage[],
    connection: PostConnection,
    authInfo: AuthInfo,
  ): Promise<void> {
    if (this.#isClosed) throw unknownSession();
    const { principal, response, forms, refusals = [], work } = connection;
    const requests = requestIdsOf(messages);
    for (const id of requests) this.#pending.requireNew(id);
    const others: JSONRPCMessage[] = [];
    for (const message of messages) {
      if ('method' in message) others.push(message);
      // At once: if a later answer cannot be taken now, the client repeats all of them, and this one is not expected again.
      else if (this.#pending.answer(message.id, principal)) this.#hand(message, { authInfo });
    }
    if (requests.size === 0 && refusals.length === 0) {
      for (const message of others) this.#hand(message, { authInfo });
      response.status(202).end();
      return;
    }
    const stream = this.#streams.open(requests, connection);
    const own = requests.size === 1 && connection.refusals === undefined ? response : undefined;
    for (const id of requests) this.#pending.add(id, { principal, stream, work, response: own });
    for (const refusal of refusals) this.#streams.write(stream, refusal);
    const mayRelease = this.#streams.isResumable && forms.eventStream;
    for (const message of others) {
      this.#hand(message, { authInfo, ...(mayRelease && { closeSSEStream: () => hangUp(stream) }) });
    }
    if (requests.size === 0) this.#streams.finishIfAnswered(stream);
    await stream.finished;
  }

  /** See {@link SessionStreams.listen}. */
  listen(connection: Connection): void {
    this.#streams.listen(connection);
  }

  /**
   * Lets running handlers finish while the server stops. A client can no longer reach this instance, so requests that wait
   * for its answer end with an error, and no further question is asked.
   */
  drain(): void {
    this.#isDraining = true;
    this.#streams.stopListening();
    endRequests(this, this.#pending.waiting, STOPPING);
  }

  /** See {@link SessionStreams.resume}. */
  resume(lastEventId: string, connection: Connection): void {
    for (const id of this.#streams.resume(lastEventId, connection)) this.#pending.touch(id);
  }

  /** Ends abandoned requests; see {@link PendingRequests.abandoned}. */
  endAbandoned(): void {
    endRequests(
      this,
      this.#pending.abandoned(({ stream }) => stream.attended),
      ABANDONED,
    );
  }

  /** Ends the requests of a revoked token. */
  endRevoked(principal: Principal): void {
    endRequests(this, this.#pending.of(principal), REVOKED);
  }

  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    const answered = 'method' in message ? undefined : message.id;
    const number = answered ?? options?.relatedRequestId;
    const asked = this.#pending.get(number);
    const stream = number === undefined ? this.#streams.listening : asked?.stream;
    // Messages of a canceled or answered request are dropped.
    if (!stream || this.#isClosed) return;
    if ('method' in message && 'id' in message) this.#requireAnswerable(stream);
    if (asked?.response && 'error' in message) setError(asked.response, message.error, 200);
    this.#streams.write(stream, this.#pending.outgoing(message, number));
    if (answered !== undefined) this.#settle(answered);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const { id, stream, response } of this.#pending.clear()) {
      if (response) setError(response, ENDED, 200);
      this.#streams.write(stream, { jsonrpc: '2.0', id, error: ENDED });
    }
    this.#streams.close();
    this.onclose?.();
  }

  /** @throws {Error} when the client could not answer a question */
  #requireAnswerable(stream: SessionStream): void {
    if (this.#isDraining) throw new Error(STOPPING.message);
    if (!stream.attended || stream.canAsk) return;
    throw new Error(
      'The client accepts only JSON, so it cannot receive requests while it waits for a response.',
    );
  }

  #hand(message: JSONRPCMessage, extra: MessageExtraInfo): void {
    const passed = this.#pending.incoming(message);
    if (!passed) return;
    if (isRequest(passed.message)) this.receive(passed.message, extra);
    else this.onmessage?.(passed.message, extra);
    if (passed.cancels !== undefined) this.#settle(passed.cancels);
  }

  /** Removes a request that needs no response anymore. */
  #settle(number: RequestId): void {
    const request = this.#pending.remove(number);
    if (!request) return;
    const { id, stream } = request;
    stream.pending.delete(id);
    this.#streams.finishIfAnswered(stream);
  }
}

/** Ends the connection of a stream that the client can resume. */
function hangUp(stream: SessionStream): void {
  stream.begin();
  stream.release();
}
