import {
  type AuthInfo,
  type JSONRPCMessage,
  type MessageExtraInfo,
  type RequestId,
  type Transport,
  type TransportSendOptions,
} from '@modelcontextprotocol/server';

import type { Work } from '../context/work.js';
import type { AcceptedForms } from '../wire/accepted-forms.js';
import { EventStream } from '../wire/event-stream.js';
import { JsonRpcError } from '../wire/json-rpc-error.js';
import { cancelledIn } from '../wire/messages.js';
import { ABANDONED, PendingRequests } from './pending-requests.js';
import { requestIdsOf } from '../wire/legacy-messages.js';
import type { SessionEvents } from './event-log.js';
import { JsonAnswer } from './json-answer.js';
import { requireRights, unknownEvent } from './replay-rights.js';
import { mayHear, sentMessage } from './sent-message.js';
import { unknownSession } from './session-registry.js';
import { type Connection, SessionStream } from './session-stream.js';

/** First revision whose clients accept an event without a message and can resume after it. */
const RESUMING_REVISION = '2025-11-25';
/** Delay before a client should reconnect. */
const RETRY_DELAY_MS = 1_000;
/** ID of the stream for messages that answer no request. */
const LISTENING = 'listening';

/** Form of the response to a POST. */
export interface AnswerForm {
  readonly forms: AcceptedForms;
  /** Responses to the invalid elements of a batch; undefined if the POST is not a batch. */
  readonly refusals: readonly object[] | undefined;
}

/** HTTP response to a POST with requests. */
export interface PostConnection extends Connection, AnswerForm {
  /** Counts the running handlers of the POST. */
  readonly work: Work;
}

/**
 * Transports the messages of one legacy session (MCP specification, basic/transports).
 *
 * Each request gets an internal number as its ID. The server handles cancellations with a delay: under the client's ID,
 * a cancellation could hit a later request with the same ID, which would never be answered.
 *
 * Requests are answered on an event stream if the client accepts one. A stream outlives its connection: messages are
 * kept meanwhile, and the client resumes with the ID of the last event that it received.
 */
export class SessionTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;
  readonly #streams = new Map<string, SessionStream>();
  readonly #pending = new PendingRequests<{ readonly stream: SessionStream; readonly work: Work }>();
  readonly #listening = new SessionStream(LISTENING);
  #isResumable = false;
  #hasListened = false;
  #posts = 0;
  #isClosed = false;

  constructor(
    readonly sessionId: string,
    private readonly events: SessionEvents,
  ) {
    this.#streams.set(LISTENING, this.#listening);
  }

  /** Number of requests without a response yet. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Whether the server waits for a response of the client. */
  get isAsking(): boolean {
    return this.#pending.isAsking;
  }

  /** Whether a client is connected. */
  get attended(): boolean {
    return [...this.#streams.values()].some(({ attended }) => attended);
  }

  async start(): Promise<void> {}

  /** Sets the revision of the session; called by the server. */
  setProtocolVersion(revision: string): void {
    this.#isResumable = revision >= RESUMING_REVISION;
  }

  /**
   * Passes the messages of one POST to the server, and sends the responses.
   *
   * @returns when all requests are answered or canceled, even if the client has disconnected
   * @throws {JsonRpcError} 400 when the ID of a request is the ID of a pending one; 404 when the session ended while it
   *   was opened, because its caller opened too many; 429 or 503 when a request cannot resume now after an answer
   */
  async serve(
    messages: readonly JSONRPCMessage[],
    connection: PostConnection,
    authInfo: AuthInfo,
  ): Promise<void> {
    if (this.#isClosed) throw unknownSession();
    const requests = requestIdsOf(messages);
    if ([...requests].some((id) => this.#pending.numberOf(id) !== undefined)) {
      throw new JsonRpcError(
        'duplicate_id',
        400,
        -32_600,
        'Another request with this ID is still pending. Use a different ID.',
      );
    }
    const wanted = messages.filter((message) => 'method' in message || this.#pending.answer(message.id));
    const { response, forms, refusals = [] } = connection;
    if (requests.size === 0 && refusals.length === 0) {
      for (const message of wanted) this.#hand(message, { authInfo });
      response.status(202).end();
      return;
    }
    const stream = this.#open(requests, connection);
    if (forms.eventStream) this.#connect(stream, connection);
    else stream.attach(new JsonAnswer(response, connection.refusals !== undefined), connection);
    for (const refusal of refusals) this.#write(stream, refusal);
    const mayRelease = this.#isResumable && forms.eventStream;
    for (const message of wanted) {
      this.#hand(message, { authInfo, ...(mayRelease && { closeSSEStream: () => stream.release() }) });
    }
    if (requests.size === 0) this.#finishIfAnswered(stream);
    await stream.finished;
  }

  /** Opens the connection for messages that answer no request. It replaces the previous one. */
  listen(connection: Connection): void {
    this.#hasListened = true;
    this.#connect(this.#listening, connection);
  }

  /**
   * Resumes a stream after one of its events. The caller gets only messages that its current token permits.
   *
   * @throws {JsonRpcError} 400 when the event is unknown or was dropped
   * @throws {InsufficientScopeError} when the token has fewer scopes than the token of the requests
   */
  resume(lastEventId: string, connection: Connection): void {
    const found = this.events.after(lastEventId);
    if (!found) throw unknownEvent();
    if (found.asker) requireRights(connection.principal, found.asker);
    const stream = this.#streams.get(found.stream);
    // If the stream ends at once, the account of this request covers the unread bytes.
    const written = new EventStream(connection.response, stream && connection.unread);
    for (const { id, message } of found.events) {
      if (!message || !mayHear(message, connection.mayRead)) continue;
      written.writeText(message.text, message.isNotification, id);
    }
    if (stream) stream.attach(written, connection);
    else written.end();
  }

  /** Ends abandoned requests; see {@link PendingRequests.abandoned}. */
  endAbandoned(): void {
    for (const number of this.#pending.abandoned(({ stream }) => stream.attended)) {
      this.onmessage?.({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: number } });
      void this.send({ jsonrpc: '2.0', id: number, error: ABANDONED });
    }
  }

  stopListening(): void {
    this.#listening.release();
  }

  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    const answered = 'method' in message ? undefined : message.id;
    const number = answered ?? options?.relatedRequestId;
    const request = this.#pending.get(number);
    const stream = number === undefined ? this.#listening : request?.stream;
    // Messages of a canceled or answered request are dropped.
    if (!stream || this.#isClosed) return;
    if (stream === this.#listening && !this.#hasListened) return;
    if ('method' in message && 'id' in message) {
      if (stream.attended && !stream.canAsk) {
        throw new Error(
          'The client accepts only JSON, so it cannot receive requests while it waits for a response.',
        );
      }
      this.#pending.ask(message.id, number);
    }
    const withdrawn = cancelledIn(message);
    if (withdrawn !== undefined) this.#pending.withdraw(withdrawn);
    this.#write(stream, answered !== undefined && request ? { ...message, id: request.id } : message);
    if (answered !== undefined) this.#settle(answered);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const stream of this.#streams.values()) stream.finish();
    this.#streams.clear();
    this.#pending.clear();
    this.events.clear();
    this.onclose?.();
  }

  #open(requests: ReadonlySet<RequestId>, { principal, work }: PostConnection): SessionStream {
    const stream = new SessionStream(`post-${++this.#posts}`, principal, new Set(requests));
    this.#streams.set(stream.id, stream);
    for (const id of requests) this.#pending.add(id, { stream, work });
    return stream;
  }

  #hand(message: JSONRPCMessage, extra: MessageExtraInfo): void {
    const cancelled = cancelledIn(message);
    if (cancelled !== undefined) {
      this.#cancel(cancelled, message, extra);
    } else if ('method' in message && 'id' in message) {
      const number = this.#pending.numberOf(message.id);
      // The number is undefined if the request was canceled earlier in the same batch.
      if (number !== undefined) this.onmessage?.({ ...message, id: number }, extra);
    } else this.onmessage?.(message, extra);
  }

  /** Aborts a request and settles it, in one step. Ignores unknown requests. */
  #cancel(id: RequestId, message: JSONRPCMessage, extra: MessageExtraInfo): void {
    const number = this.#pending.numberOf(id);
    if (number === undefined || !('params' in message)) return;
    this.onmessage?.({ ...message, params: { ...message.params, requestId: number } }, extra);
    this.#settle(number);
  }

  /** Removes a request that needs no response anymore. */
  #settle(number: RequestId): void {
    const request = this.#pending.remove(number);
    if (!request) return;
    const { id, stream } = request;
    stream.pending.delete(id);
    this.#finishIfAnswered(stream);
  }

  #finishIfAnswered(stream: SessionStream): void {
    if (stream.pending.size > 0) return;
    this.#streams.delete(stream.id);
    stream.finish();
  }

  #write(stream: SessionStream, message: object): void {
    const sent = sentMessage(message);
    stream.write(sent, this.events.add(stream.id, sent, stream.asker));
  }

  #connect(stream: SessionStream, connection: Connection): void {
    const written = new EventStream(connection.response, connection.unread);
    if (this.#isResumable) written.prime(this.events.add(stream.id, undefined, stream.asker), RETRY_DELAY_MS);
    stream.attach(written, connection);
  }
}
