import type { RequestId } from '@modelcontextprotocol/server';
import type { Response as HttpResponse } from 'express';

import type { Principal } from '../../auth/principal.js';
import { EventStream } from '../wire/event-stream.js';
import type { UnreadBytes } from '../wire/unread-bytes.js';
import type { JsonAnswer } from './json-answer.js';
import { mayHear, type SentMessage } from './sent-message.js';

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
    return this.#written instanceof EventStream;
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
    const unwatch = watch(end);
    response.once('close', () => {
      unwatch();
      end();
    });
  }

  /** Writes a message to the connected client, if the client's token permits the message. */
  write(message: SentMessage, id: string): void {
    if (!mayHear(message, this.#mayRead)) return;
    if (this.#written instanceof EventStream)
      this.#written.writeText(message.text, message.isNotification, id);
    else this.#written?.write(message);
  }

  /** Ends the connection. The stream itself continues. */
  release(): void {
    this.#written?.end();
    this.#written = undefined;
  }

  finish(): void {
    this.release();
    this.#finish();
  }
}
