import type { Response as HttpResponse } from 'express';

import { keepAlive } from './keep-alive.js';
import { messageText } from './message-text.js';
import type { UnreadBytes } from './unread-bytes.js';

/** What a client may leave unread before it is no longer told of what it can do without, bytes. */
const MOST_UNREAD = 1024 ** 2;

/** How long a client may leave the end of a stream unread before it is cut off, milliseconds. */
const UNREAD_TIMEOUT = 30_000;

/** A response that is written event by event (`text/event-stream`). */
export class EventStream {
  /** @param unread pays for what the client does not read; undefined if the request itself pays */
  constructor(
    private readonly response: HttpResponse,
    private readonly unread?: UnreadBytes,
  ) {
    response
      .status(200)
      .set({
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-store, no-transform',
        'X-Accel-Buffering': 'no',
      })
      .flushHeaders();
    keepAlive(response);
  }

  /**
   * Writes one message. While its client does not read, a notification is left out; where it has an id, by which the
   * client can come back for it, the connection ends instead, after what is written already: so each time the client
   * gets further.
   */
  write(message: object, id?: string): void {
    if (this.#takes('method' in message && !('id' in message), id))
      this.#writeEvent(messageText(message), id);
  }

  /** Writes one message as {@link write} does. */
  writeText(text: string, isNotification: boolean, id?: string): void {
    if (this.#takes(isNotification, id)) this.#writeEvent(text, id);
  }

  /**
   * Gives the client an id to come back with before there is any message.
   *
   * @param retry how long it should wait before it does, milliseconds
   */
  prime(id: string, retry: number): void {
    this.#send(`id: ${id}\nretry: ${retry}\ndata: \n\n`);
  }

  end(): void {
    if (this.response.destroyed) return;
    this.response.setTimeout(UNREAD_TIMEOUT, () => this.response.destroy());
    this.response.end();
  }

  /** Whether a message may be written now. Ends the connection if the client must come back for the message. */
  #takes(isNotification: boolean, id: string | undefined): boolean {
    const { destroyed, writableEnded, writableLength } = this.response;
    if (destroyed || writableEnded) return false;
    if (!isNotification || writableLength <= MOST_UNREAD) return true;
    if (id !== undefined) this.end();
    return false;
  }

  #writeEvent(text: string, id: string | undefined): void {
    const line = id === undefined ? '' : `id: ${id}\n`;
    this.#send(`event: message\n${line}data: ${text}\n\n`);
  }

  #send(text: string): void {
    if (this.unread) this.unread.write(text);
    else this.response.write(text);
  }
}
