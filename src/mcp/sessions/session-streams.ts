import type { RequestId } from '@modelcontextprotocol/server';

import { dedicateConnection } from '../../values/dedicated-connections.js';
import type { Work } from '../context/work.js';
import type { AcceptedForms } from '../wire/accepted-forms.js';
import { EventStream, LISTENING_UNREAD_TIMEOUT_MS } from '../wire/event-stream.js';
import { AnswerWriter, type StreamWriter } from '../wire/unread-bytes.js';
import type { SessionEvents } from './event-log.js';
import { JsonAnswer } from './json-answer.js';
import { requireRights, unknownEvent } from './replay-rights.js';
import { mayHear, type SentMessage, sentMessage } from './sent-message.js';
import { type Connection, SessionStream } from './session-stream.js';

/** Delay before a client should reconnect. */
const RETRY_DELAY_MS = 1_000;
/** ID of the stream for messages that answer no request. */
const LISTENING = 'listening';
/** Start of the IDs of its events. */
const LISTENING_ID = 'listening-';

/** Form of the response to a POST. */
export interface AnswerForm {
  readonly forms: AcceptedForms;
  /** Responses to the invalid elements of a batch; undefined if the POST is not a batch. */
  readonly refusals: readonly object[] | undefined;
}

/** HTTP response to a POST with requests. */
export interface PostConnection extends Connection, AnswerForm {
  /** Counts the running handlers of the POST, and its unread bytes. */
  readonly work: Work;
}

/**
 * Streams of one session: one for each POST with requests, and one for messages that answer no request.
 *
 * A stream outlives its connection: messages are kept meanwhile, and the client resumes with the ID of the last event
 * that it received.
 */
export class SessionStreams {
  /** Whether the client accepts an event without a message, and so can resume from the start of a stream. */
  isResumable = false;
  readonly #streams = new Map<string, SessionStream>();
  readonly #listening = new SessionStream(LISTENING);
  #hasListened = false;
  #posts = 0;

  constructor(private readonly events: SessionEvents) {
    this.#streams.set(LISTENING, this.#listening);
  }

  /** Whether a client is connected. */
  get attended(): boolean {
    return [...this.#streams.values()].some(({ attended }) => attended);
  }

  /** Stream for messages that answer no request; undefined if the client has never listened. */
  get listening(): SessionStream | undefined {
    return this.#hasListened ? this.#listening : undefined;
  }

  /**
   * Opens the stream of a POST: JSON if the client accepts only JSON, or if it accepts both and the response is prompt;
   * otherwise an event stream.
   *
   * @param requests IDs of its requests
   */
  open(requests: ReadonlySet<RequestId>, connection: PostConnection): SessionStream {
    const { principal, response, forms, refusals, work } = connection;
    const stream = new SessionStream(`post-${++this.#posts}`, principal, new Set(requests));
    this.#streams.set(stream.id, stream);
    const begin = (): void => this.#connect(stream, connection, new AnswerWriter(response, work));
    if (!forms.eventStream) stream.attach(new JsonAnswer(response, refusals !== undefined), connection);
    else if (!forms.json || refusals) begin();
    else stream.defer(connection, begin);
    return stream;
  }

  /** Opens the connection for messages that answer no request. It replaces the previous one. */
  listen(connection: Connection): void {
    this.#hasListened = true;
    dedicateConnection(connection.response);
    this.#connect(this.#listening, connection, connection.unread, LISTENING_UNREAD_TIMEOUT_MS);
  }

  stopListening(): void {
    this.#listening.release();
  }

  /**
   * Resumes a stream after one of its events. The caller gets only messages that its current token permits.
   *
   * @returns the IDs of the stream's requests that are not answered yet
   * @throws {JsonRpcError} 400 when the event is unknown or was dropped, or is the last one of an ended stream
   * @throws {InsufficientScopeError} when the token has fewer scopes than the token of the requests
   */
  resume(lastEventId: string, connection: Connection): Iterable<RequestId> {
    const known = this.events.after(lastEventId);
    // The session's calls drop the last event of a quiet listening stream. What is still kept of the stream is later.
    const isListening = lastEventId.startsWith(LISTENING_ID);
    const found = known ?? (isListening ? this.events.all(LISTENING) : undefined);
    this.#hasListened ||= isListening;
    const stream = found && this.#streams.get(found.stream);
    // Clients take an empty stream for a broken connection, and reconnect without end.
    if (!found || (!stream && !found.events.some(({ message }) => message))) throw unknownEvent();
    if (found.asker) requireRights(connection.principal, found.asker);
    dedicateConnection(connection.response);
    // If the stream ends at once, the account of this request covers the unread bytes.
    const timeout = isListening ? LISTENING_UNREAD_TIMEOUT_MS : undefined;
    const written = new EventStream(connection.response, stream && connection.unread, timeout);
    let hasWritten = false;
    for (const { id, message } of found.events) {
      if (!message || !mayHear(message, connection.mayRead)) continue;
      written.writeText(message.text, message.isNotification, id);
      hasWritten = true;
    }
    // The client will resume after the same event again, however many other events follow meanwhile.
    if (known && !hasWritten) this.events.renew([lastEventId, ...known.events.map(({ id }) => id)]);
    if (stream) {
      // A new mark for each connection would push messages out of the log.
      if (!hasWritten) this.#prime(stream, written, known && lastEventId);
      stream.attach(written, connection);
    } else written.end();
    return stream?.pending ?? [];
  }

  write(stream: SessionStream, message: object): void {
    const sent = sentMessage(message);
    stream.write(sent, () => this.#keep(stream, sent));
  }

  finishIfAnswered(stream: SessionStream): void {
    if (stream.pending.size > 0) return;
    this.#streams.delete(stream.id);
    stream.finish();
  }

  close(): void {
    for (const stream of this.#streams.values()) stream.finish();
    this.#streams.clear();
    this.events.clear();
  }

  #connect(
    stream: SessionStream,
    connection: Connection,
    writer: StreamWriter | undefined,
    unreadTimeout?: number,
  ): void {
    // Before 2025-11-25, a stream should not end before its response: many clients would not resume it.
    const canResume = this.isResumable || stream === this.#listening;
    const written = new EventStream(connection.response, writer, unreadTimeout, canResume);
    this.#prime(stream, written);
    stream.attach(written, connection);
  }

  /**
   * Lets a client resume a connection that ends before its first message.
   *
   * @param id event to resume from; a new mark by default
   */
  #prime(stream: SessionStream, written: EventStream, id?: string): void {
    if (this.isResumable) written.prime(id ?? this.#keep(stream), RETRY_DELAY_MS);
  }

  /** Keeps a message, or a mark from which a client can resume, and returns the ID of its event. */
  #keep(stream: SessionStream, sent?: SentMessage): string {
    return this.events.add(stream.id, sent, stream.asker, stream === this.#listening ? LISTENING_ID : '');
  }
}
