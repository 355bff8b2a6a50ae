import {
  type AuthInfo,
  type JSONRPCMessage,
  type MessageExtraInfo,
  type RequestId,
  type Transport,
  type TransportSendOptions,
} from '@modelcontextprotocol/server';

import type { Work } from '../context/work.js';
import type { AcceptedForms } from '../transport/accepted-forms.js';
import { EventStream } from '../transport/event-stream.js';
import { JsonRpcError } from '../transport/json-rpc-error.js';
import { cancelledIn } from '../transport/messages.js';
import { ABANDONED, PendingRequests } from '../transport/pending-requests.js';
import { requestIdsOf } from '../transport/stateless-rules.js';
import type { SessionEvents } from './event-log.js';
import { JsonAnswer } from './json-answer.js';
import { requireRights, unknownEvent } from './replay-rights.js';
import { mayHear, sentMessage } from './sent-message.js';
import { unknownSession } from './session-registry.js';
import { type Connection, SessionStream } from './session-stream.js';

/** The first revision whose clients understand an event without a message, and come back after it. */
const RESUMING_REVISION = '2025-11-25';
/** How long a client should wait before it comes back, milliseconds. */
const RETRY = 1_000;
/** The stream of all that answers no request. */
const LISTENING = 'listening';

/** The form in which the requests of a POST are answered. */
export interface AnswerForm {
  readonly forms: AcceptedForms;
  /** Answers to the invalid elements of a batch, whose JSON answer is a list; undefined if the POST is not a batch. */
  readonly refusals: readonly object[] | undefined;
}

/** The HTTP response to a POST with requests. */
export interface PostConnection extends Connection, AnswerForm {
  /** Counts the handlers that run for the POST. */
  readonly work: Work;
}

/**
 * The messages of one session of the 2025 revisions (MCP specification, basic/transports).
 *
 * The server knows each request by a number of its own. A cancellation takes effect in the server a moment after it is
 * handed over: under the client's id it could then hit a later request, which would never be answered.
 *
 * Every request is answered on an event stream if its client accepts one. A stream outlives its connection: what is
 * sent meanwhile is kept, and the client comes back for it with the id of the last event that it has seen.
 */
export class SessionTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;
  readonly #streams = new Map<string, SessionStream>();
  readonly #pending = new PendingRequests<{ readonly stream: SessionStream; readonly work: Work }>();
  readonly #listening = new SessionStream(LISTENING);
  #resumable = false;
  #everListened = false;
  #posts = 0;
  #closed = false;

  constructor(
    readonly sessionId: string,
    private readonly events: SessionEvents,
  ) {
    this.#streams.set(LISTENING, this.#listening);
  }

  /** How many requests wait for their answer. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Whether an answer of the client is awaited. */
  get isAsking(): boolean {
    return this.#pending.isAsking;
  }

  /** Whether a client is connected. */
  get attended(): boolean {
    return [...this.#streams.values()].some(({ attended }) => attended);
  }

  async start(): Promise<void> {}

  /** The server tells which revision the session is of. */
  setProtocolVersion(revision: string): void {
    this.#resumable = revision >= RESUMING_REVISION;
  }

  /**
   * Hands the messages of one POST to the server, and sends what answers them.
   *
   * @returns when all is answered or cancelled, whether or not the client is still there
   * @throws {JsonRpcError} 400 when an id is that of another request that is not answered yet, 404 when the session
   *   ended while it was opened: its caller may open too many at once; 429 or 503 when a request whose question is
   *   answered cannot go on now
   */
  async serve(
    messages: readonly JSONRPCMessage[],
    connection: PostConnection,
    authInfo: AuthInfo,
  ): Promise<void> {
    if (this.#closed) throw unknownSession();
    const requests = requestIdsOf(messages);
    if ([...requests].some((id) => this.#pending.numberOf(id) !== undefined)) {
      throw new JsonRpcError(
        'duplicate_id',
        400,
        -32_600,
        'Another request with this id is not answered yet.',
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
    const mayRelease = this.#resumable && forms.eventStream;
    for (const message of wanted) {
      this.#hand(message, { authInfo, ...(mayRelease && { closeSSEStream: () => stream.release() }) });
    }
    if (requests.size === 0) this.#finishIfAnswered(stream);
    await stream.finished;
  }

  /** Sends what answers no request. There is one such connection: a new one takes the place of the last. */
  listen(connection: Connection): void {
    this.#everListened = true;
    this.#connect(this.#listening, connection);
  }

  /**
   * Goes on with a stream after one of its events. Its caller gets only what it may get with its present token.
   *
   * @throws {JsonRpcError} 400 when the session knows no such event, or no longer
   * @throws {InsufficientScopeError} when the token grants less than that of the requests which the stream answers
   */
  resume(lastEventId: string, connection: Connection): void {
    const found = this.events.after(lastEventId);
    if (!found) throw unknownEvent();
    if (found.asker) requireRights(connection.principal, found.asker);
    const stream = this.#streams.get(found.stream);
    // Of a stream that ends at once, the request itself pays for what is unread.
    const written = new EventStream(connection.response, stream && connection.unread);
    for (const { id, message } of found.events) {
      if (!message || !mayHear(message, connection.mayRead)) continue;
      written.writeText(message.text, message.isNotification, id);
    }
    if (stream) stream.attach(written, connection);
    else written.end();
  }

  /** Ends the requests that nothing will answer; see {@link PendingRequests.abandoned}. */
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
    // What belongs to a request that is cancelled, or answered already, is not sent.
    if (!stream || this.#closed) return;
    if (stream === this.#listening && !this.#everListened) return;
    if ('method' in message && 'id' in message) {
      if (stream.attended && !stream.canAsk) {
        throw new Error('The client accepts only JSON, so it cannot be asked while it waits for an answer.');
      }
      this.#pending.ask(message.id, number);
    }
    const withdrawn = cancelledIn(message);
    if (withdrawn !== undefined) this.#pending.withdraw(withdrawn);
    this.#write(stream, answered !== undefined && request ? { ...message, id: request.id } : message);
    if (answered !== undefined) this.#settle(answered);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
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
      // Undefined for a request that was cancelled earlier in the same batch.
      if (number !== undefined) this.onmessage?.({ ...message, id: number }, extra);
    } else this.onmessage?.(message, extra);
  }

  /** Aborts a request and needs no answer to it any more, in one step. An unknown request is none to abort. */
  #cancel(id: RequestId, message: JSONRPCMessage, extra: MessageExtraInfo): void {
    const number = this.#pending.numberOf(id);
    if (number === undefined || !('params' in message)) return;
    this.onmessage?.({ ...message, params: { ...message.params, requestId: number } }, extra);
    this.#settle(number);
  }

  /** A request needs no answer any more. */
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
    if (this.#resumable) written.prime(this.events.add(stream.id, undefined, stream.asker), RETRY);
    stream.attach(written, connection);
  }
}
