import type { RequestId } from '@modelcontextprotocol/server';
import type { Response as HttpResponse } from 'express';

import type { Principal } from '../../auth/principal.js';
import { EventStream } from '../transport/event-stream.js';
import type { UnreadBytes } from '../transport/unread-bytes.js';
import type { JsonAnswer } from './json-answer.js';
import { mayHear, type SentMessage } from './sent-message.js';

/** An HTTP response that a stream may be written to. */
export interface Connection {
  readonly principal: Principal;
  /** Whether its caller may read a resource, and hence hear of it. */
  readonly mayRead: (uri: string) => boolean;
  readonly response: HttpResponse;
  /** Pays for what the client does not read; undefined if the request pays that the response answers. */
  readonly unread?: UnreadBytes;
  /**
   * Is told when the stream begins.
   *
   * @param end has it end
   * @returns what to call when it has ended
   */
  readonly watch: (end: () => void) => () => void;
}

/** Messages on their way to the client: the answers to one POST, or all that answers none. */
export class SessionStream {
  readonly finished: Promise<void>;
  #finish: () => void = () => {};
  #written: EventStream | JsonAnswer | undefined;
  #mayRead: Connection['mayRead'] = () => false;

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

  /** Whether a client is connected. */
  get attended(): boolean {
    return this.#written !== undefined;
  }

  /** Whether the client that is connected can be asked something. */
  get canAsk(): boolean {
    return this.#written instanceof EventStream;
  }

  /** Goes on over a connection, in place of the last. */
  attach(written: EventStream | JsonAnswer, { response, watch, mayRead }: Connection): void {
    if (response.closed) return; // nothing would tell of its end any more
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

  /** Writes a message to the client that is connected, if its token lets it hear of the message. */
  write(message: SentMessage, id: string): void {
    if (!mayHear(message, this.#mayRead)) return;
    if (this.#written instanceof EventStream)
      this.#written.writeText(message.text, message.isNotification, id);
    else this.#written?.write(message);
  }

  /** Ends the connection; the stream itself goes on. */
  release(): void {
    this.#written?.end();
    this.#written = undefined;
  }

  finish(): void {
    this.release();
    this.#finish();
  }
}
