import type { Response as HttpResponse } from 'express';

import { jsonEscape } from '../../values/json-escape.js';
import { SocketBytes } from '../../values/socket-bytes.js';
import { limitUnread } from './end-response.js';
import { keepAlive } from './keep-alive.js';
import { messageText } from './message-text.js';
import type { StreamWriter } from './unread-bytes.js';

/** Maximum unread bytes before notifications are dropped. */
export const MAX_UNREAD_BYTES = 1024 ** 2;

/** Maximum time for which a client may leave the end of a stream unread. */
export const UNREAD_TIMEOUT_MS = 30_000;
/** The same for streams that answer no request, whose end keeps the server from closing. */
export const LISTENING_UNREAD_TIMEOUT_MS = 1_000;

/** Bytes of all event streams of this process, with their headers. */
export const STREAM_BYTES = new SocketBytes();

/** Characters that JSON does not escape, and at which many clients wrongly end a line of an event. */
const FURTHER_LINE_ENDS = /[\u0085\u2028\u2029]/g;

/** Formats the JSON of a message as an event. */
export function eventText(text: string, id?: string): string {
  const line = id === undefined ? '' : `id: ${id}\n`;
  const data = text.replaceAll(FURTHER_LINE_ENDS, jsonEscape);
  return `event: message\n${line}data: ${data}\n\n`;
}

/** Writes a response as an event stream (`text/event-stream`). */
export class EventStream {
  /**
   * @param writer charges the caller for unread bytes; undefined for a stream that ends at once
   * @param unreadTimeout maximum time for which the client may leave the end unread, milliseconds
   * @param canResume whether the client resumes after events with an ID
   */
  constructor(
    private readonly response: HttpResponse,
    private readonly writer?: StreamWriter,
    private readonly unreadTimeout = UNREAD_TIMEOUT_MS,
    private readonly canResume = true,
  ) {
    const endCount = STREAM_BYTES.begin(response.socket);
    response
      .once('close', endCount)
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
   * Writes one message. While the client does not read, or the budget of the caller is used up, notifications without an
   * ID are dropped. A notification with an ID ends the connection instead: the client reads the buffered messages, then
   * resumes to get the rest.
   */
  write(message: object, id?: string): void {
    const isNotification = 'method' in message && !('id' in message);
    if (this.#takes(isNotification, id)) this.#writeEvent(messageText(message), isNotification, id);
  }

  /** Writes the text of one message; see {@link write}. */
  writeText(text: string, isNotification: boolean, id?: string): void {
    if (this.#takes(isNotification, id)) this.#writeEvent(text, isNotification, id);
  }

  /**
   * Sends an event ID without a message, so that the client can resume from the start.
   *
   * @param retry delay before the client should reconnect, milliseconds
   */
  prime(id: string, retry: number): void {
    this.#send(`id: ${id}\nretry: ${retry}\ndata: \n\n`);
  }

  end(): void {
    if (this.response.destroyed) return;
    this.response.end();
    limitUnread(this.response, this.unreadTimeout);
  }

  /** Whether a message of any size may be written now. */
  #takes(isNotification: boolean, id: string | undefined): boolean {
    const { destroyed, writableEnded, writableLength } = this.response;
    if (destroyed || writableEnded) return false;
    if (!isNotification || writableLength <= MAX_UNREAD_BYTES) return true;
    this.#drop(id);
    return false;
  }

  #writeEvent(text: string, isNotification: boolean, id: string | undefined): void {
    const event = eventText(text, id);
    if (!isNotification || (this.writer?.accepts(event) ?? true)) this.#send(event);
    else this.#drop(id);
  }

  /** Drops a notification. Ends the connection if the client can resume to get the notification. */
  #drop(id: string | undefined): void {
    if (id !== undefined && this.canResume) this.end();
  }

  #send(text: string): void {
    if (this.writer) this.writer.write(text);
    else this.response.write(text);
  }
}
