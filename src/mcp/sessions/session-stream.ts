import type { RequestId } from '@modelcontextprotocol/server';
import type { Response as HttpResponse } from 'express';

import type { Principal } from '../../auth/principal.js';
import { EventStream } from '../wire/event-stream.js';
import type { UnreadBytes } from '../wire/unread-bytes.js';
import { JsonAnswer } from './json-answer.js';
import { mayHear, type SentMessage } from './sent-message.js';

/** Time for a response without an event stream, milliseconds. A call that takes longer can be resumed. */
const PROMPT_MS = 100;

/** HTTP response for a stream, and its caller. */
export interface Connection {
  readonly principal: Principal;
  /** Whether the caller may read a resource, and so may receive its updates. */
  readonly mayRead: (uri: string) => boolean;
  readonly response: HttpResponse;
  /** Account for unread bytes; undefined if the account of the request covers them. */
  readonly unread?: UnreadBytes;
  /**
   * Called when the stream begins.
   *
   * @param end ends the stream
   * @returns a function to call when the stream has ended
   */
  readonly watch: (end: () => void) => () => void;
}

/** Stream of messages to the client: the responses to one POST, or all messages that answer no request. */
export class SessionStream {
  readonly finished: Promise<void>;
  #finish: () => void = () => {};
  #written: EventStream | JsonAnswer | undefined;
  #mayRead: Connection['mayRead'] = () => false;
  /** Begins the event stream; undefined once it has begun, or if there will be none. */
  #begin: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param asker principal whose requests the stream answers; undefined if it answers none
   * @param pending IDs of the requests that must be answered before the stream ends
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

  /** Whether a client is connected. */
  get attended(): boolean {
    return this.#written !== undefined;
  }

  /** Whether the connected client can receive requests. */
  get canAsk(): boolean {
    return this.#written instanceof EventStream || this.#begin !== undefined;
  }

  /**
   * Answers as JSON, unless there is something to send before the response, or the response takes longer than a moment.
   *
   * @param begin begins an event stream on the same connection
   */
  defer({ response }: Connection, begin: () => void): void {
    if (response.closed) return;
    const answer = new JsonAnswer(response, false);
    this.#written = answer;
    this.#begin = begin;
    this.#timer = setTimeout(() => this.begin(), PROMPT_MS).unref();
    response.once('close', () => {
      if (this.#written === answer) this.#forget();
    });
  }

  /** Begins the event stream, unless it has begun or there will be none. */
  begin(): void {
    const begin = this.#begin;
    if (!begin) return;
    this.#forget();
    begin();
  }

  /** Continues on a new connection, which replaces the previous one. */
  attach(written: EventStream | JsonAnswer, { response, watch, mayRead }: Connection): void {
    if (response.closed) return; // no further close event would detach the stream
    this.release();
    this.#written = written;
    this.#mayRead = mayRead;
    const end = (): void => {
      if (this.#written === written) this.release();
    };
    // One response to an authorized request ends with its answer, not with the token.
    const unwatch = written instanceof JsonAnswer ? () => {} : watch(end);
    response.once('close', () => {
      unwatch();
      end();
    });
  }

  /**
   * Writes a message to the connected client, if the client's token permits the message.
   *
   * @param log keeps the message for a client that resumes, and returns the ID of its event
   */
  write(message: SentMessage, log: () => string): void {
    if (!message.isResponse) this.begin();
    if (this.#written instanceof JsonAnswer) {
      this.#written.write(message); // without an event, there is nothing to resume from
      return;
    }
    const id = log();
    if (!mayHear(message, this.#mayRead)) return;
    this.#written?.writeText(message.text, message.isNotification, id);
  }

  /** Ends the connection. The stream itself continues. */
  release(): void {
    this.#written?.end();
    this.#forget();
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#begin = undefined;
    this.#written = undefined;
  }

  finish(): void {
    // The response to a request is JSON or an event stream, which may be empty (MCP 2025-11-25, Sending Messages to the Server).
    if (this.#written instanceof JsonAnswer && this.#written.isEmpty) this.begin();
    this.release();
    this.#finish();
  }
}
