import type { Response as HttpResponse } from 'express';

import type { ResponseAccount } from '../../limits/byte-budget.js';
import type { AcceptedForms } from '../wire/accepted-forms.js';
import { endWithJson } from '../wire/end-response.js';
import { setError } from '../wire/error-reason.js';
import { EventStream } from '../wire/event-stream.js';
import { type Beating, onEachInterval } from '../wire/keep-alive.js';
import { batchText, messageBody } from '../wire/message-text.js';
import { AnswerWriter } from '../wire/unread-bytes.js';

/**
 * Answers a POST, as JSON or on an event stream.
 *
 * Opens the stream only when needed: for a notification, or for a keep-alive when the response takes longer than an
 * interval. A client that accepts only JSON gets neither. A client that accepts only event streams always gets one.
 */
export class Answer implements Beating {
  #stream: EventStream | undefined;
  readonly #stop: (() => void) | undefined;

  constructor(
    private readonly response: HttpResponse,
    private readonly forms: AcceptedForms,
    private readonly account: ResponseAccount,
  ) {
    if (forms.eventStream) this.#stop = onEachInterval(this);
  }

  /** Whether the status is already sent, because the stream is open. */
  get hasBegun(): boolean {
    return this.response.headersSent;
  }

  beat(): void {
    if (!this.response.headersSent && !this.response.destroyed) this.#open();
    else this.stop();
  }

  /** Sends a notification, unless the client accepts only JSON. */
  notify(message: object): void {
    this.#open()?.write(message);
  }

  /**
   * Sends the response and ends.
   *
   * @param status HTTP status; a status other than 200 needs JSON, unless the stream is already open
   */
  end(message: object, status = 200): void {
    this.stop();
    if ('error' in message) setError(this.response, message.error, status);
    const stream = status === 200 || this.response.headersSent ? this.#current : undefined;
    if (stream) {
      stream.write(message);
      stream.end();
    } else if (!this.response.destroyed) {
      const { text, isAscii } = messageBody(message);
      endWithJson(this.response, status, text, isAscii);
    }
  }

  /** Sends the responses to a batch and ends. */
  endBatch(messages: readonly object[]): void {
    this.stop();
    const stream = this.#current;
    if (stream) {
      for (const message of messages) stream.write(message);
      stream.end();
    } else if (!this.response.destroyed) {
      endWithJson(this.response, 200, batchText(messages));
    }
  }

  /** Ends without a message: the open stream, or else a response without a body. */
  endEmpty(status: number): void {
    this.close();
    if (!this.response.headersSent) this.response.status(status).setHeader('Cache-Control', 'no-store').end();
  }

  /** Ends the stream if it is open. */
  close(): void {
    this.stop();
    this.#stream?.end();
  }

  /** Stops the keep-alive. Call it when nothing more will be sent. */
  stop(): void {
    this.#stop?.();
  }

  /** Stream, if it is open or the client accepts nothing else. */
  get #current(): EventStream | undefined {
    return this.forms.json ? this.#stream : this.#open();
  }

  #open(): EventStream | undefined {
    this.stop();
    const { response, forms, account } = this;
    if (forms.eventStream) this.#stream ??= new EventStream(response, new AnswerWriter(response, account));
    return this.#stream;
  }
}
