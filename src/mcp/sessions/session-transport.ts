import type {
  AuthInfo,
  JSONRPCMessage,
  MessageExtraInfo,
  RequestId,
  Transport,
  TransportSendOptions,
} from '@modelcontextprotocol/server';
import type { Response as HttpResponse } from 'express';

import type { Principal } from '../../auth/principal.js';
import type { AcceptedForms } from '../transport/accepted-forms.js';
import { EventStream } from '../transport/event-stream.js';
import { JsonRpcError } from '../transport/json-rpc-error.js';
import { cancelledIn } from '../transport/messages.js';
import { PendingRequests } from '../transport/pending-requests.js';
import { requestIdsOf } from '../transport/stateless-rules.js';
import type { SessionEvents } from './event-log.js';
import { JsonAnswer } from './json-answer.js';
import { mayHear, requireRights, unknownEvent } from './replay-rights.js';
import { unknownSession } from './session-registry.js';

/** The first revision whose clients understand an event without a message, and come back after it. */
const RESUMING_REVISION = '2025-11-25';
/** How long a client should wait before it comes back, milliseconds. */
const RETRY = 1_000;
/** The stream of all that answers no request. */
const LISTENING = 'listening';

/** An HTTP response that a stream may be written to. */
export interface Connection {
  readonly principal: Principal;
  /** Whether its caller may read a resource, and hence hear of it. */
  readonly mayRead: (uri: string) => boolean;
  readonly response: HttpResponse;
  /**
   * Is told when the stream begins.
   *
   * @param end has it end
   * @returns what to call when it has ended
   */
  readonly watch: (end: () => void) => () => void;
}

/** The form in which the requests of a POST are answered. */
export interface AnswerForm {
  readonly forms: AcceptedForms;
  /** Answers to the invalid elements of a batch, whose JSON answer is a list; undefined if the POST is not a batch. */
  readonly refusals: readonly object[] | undefined;
}

/** Messages on their way to the client: the answers to one POST, or all that answers none. */
class SessionStream {
  readonly finished: Promise<void>;
  /** The connection that the client reads from; undefined while it has none. */
  written: EventStream | JsonAnswer | undefined;
  #finish: () => void = () => {};

  /**
   * @param asker whose requests it answers; undefined where it answers none
   * @param pending what has to be answered before the stream is over
   */
  constructor(
    readonly id: string,
    readonly asker?: Principal,
    readonly pending: Set<RequestId> = new Set(),
  ) {
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** Ends the connection; the stream itself goes on. */
  release(): void {
    this.written?.end();
    this.written = undefined;
  }

  finish(): void {
    this.release();
    this.#finish();
  }
}

/**
 * The messages of one session of the 2025 revisions (MCP specification, basic/transports).
 *
 * The server knows each request by a number of its own. A cancellation takes effect in the server a moment after it is
 * handed over: under the client's id it could then hit a later request, which would never be answered.
 *
 *
 * Every request is answered on an event stream if its client accepts one. A stream outlives its connection: what is
 * sent meanwhile is kept, and the client comes back for it with the id of the last event that it has seen.
 */
export class SessionTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;
  readonly #streams = new Map<string, SessionStream>();
  readonly #pending = new PendingRequests<{ readonly stream: SessionStream }>();
  /** Ids of the questions that the client has not answered yet, and the requests that asked them. */
  readonly #questions = new Map<RequestId, RequestId | undefined>();
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
    return this.#questions.size > 0;
  }

  /** Whether a client is connected. */
  get attended(): boolean {
    return [...this.#streams.values()].some(({ written }) => written);
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
   *   ended while it was opened: its caller may open too many at once
   */
  async serve(
    messages: readonly JSONRPCMessage[],
    connection: Connection & AnswerForm,
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
    const { response, forms, refusals = [] } = connection;
    if (requests.size === 0 && refusals.length === 0) {
      for (const message of messages) this.#hand(message, { authInfo });
      response.status(202).end();
      return;
    }
    const stream = this.#open(requests, connection.principal);
    if (forms.eventStream) this.#connect(stream, connection);
    else this.#attach(stream, new JsonAnswer(response, connection.refusals !== undefined), connection);
    for (const refusal of refusals) this.#write(stream, refusal);
    const mayRelease = this.#resumable && forms.eventStream;
    for (const message of messages) {
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
    const written = new EventStream(connection.response);
    for (const { id, message } of found.events) {
      if (message && mayHear(message, connection.mayRead)) written.write(message, id);
    }
    if (stream) this.#attach(stream, written, connection);
    else written.end();
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
    if (stream.written instanceof JsonAnswer && 'method' in message && 'id' in message) {
      throw new Error('The client accepts only JSON, so it cannot be asked while it waits for an answer.');
    }
    const sent = answered !== undefined && request ? { ...message, id: request.id } : message;
    if ('method' in message && 'id' in message) this.#questions.set(message.id, number);
    const withdrawn = cancelledIn(message);
    if (withdrawn !== undefined) this.#questions.delete(withdrawn);
    this.#write(stream, sent);
    if (answered !== undefined) this.#settle(answered);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const stream of this.#streams.values()) stream.finish();
    this.#streams.clear();
    this.#pending.clear();
    this.#questions.clear();
    this.events.clear();
    this.onclose?.();
  }

  #open(requests: ReadonlySet<RequestId>, asker: Principal): SessionStream {
    const stream = new SessionStream(`post-${++this.#posts}`, asker, new Set(requests));
    this.#streams.set(stream.id, stream);
    for (const id of requests) this.#pending.add(id, { stream });
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
    } else {
      if (!('method' in message) && message.id !== undefined) this.#questions.delete(message.id);
      this.onmessage?.(message, extra);
    }
  }

  /** Aborts a request and needs no answer to it any more, in one step. An unknown request is none to abort. */
  #cancel(id: RequestId, message: JSONRPCMessage, extra: MessageExtraInfo): void {
    const number = this.#pending.numberOf(id);
    if (number === undefined || !('params' in message)) return;
    this.onmessage?.({ ...message, params: { ...message.params, requestId: number } }, extra);
    this.#settle(number);
  }

  /** A request needs no answer any more, nor do its questions. */
  #settle(number: RequestId): void {
    const request = this.#pending.remove(number);
    if (!request) return;
    const { id, stream } = request;
    for (const [question, asker] of this.#questions) if (asker === number) this.#questions.delete(question);
    stream.pending.delete(id);
    this.#finishIfAnswered(stream);
  }

  #finishIfAnswered(stream: SessionStream): void {
    if (stream.pending.size > 0) return;
    this.#streams.delete(stream.id);
    stream.finish();
  }

  #write(stream: SessionStream, message: object): void {
    const id = this.events.add(stream.id, message, stream.asker);
    stream.written?.write(message, id);
  }

  #connect(stream: SessionStream, connection: Connection): void {
    const written = new EventStream(connection.response);
    if (this.#resumable) written.prime(this.events.add(stream.id, undefined, stream.asker), RETRY);
    this.#attach(stream, written, connection);
  }

  #attach(stream: SessionStream, written: EventStream | JsonAnswer, { response, watch }: Connection): void {
    if (response.closed) return; // nothing would tell of its end any more
    stream.release();
    stream.written = written;
    const end = (): void => {
      if (stream.written === written) stream.release();
    };
    const unwatch = watch(end);
    response.once('close', () => {
      unwatch();
      end();
    });
  }
}
