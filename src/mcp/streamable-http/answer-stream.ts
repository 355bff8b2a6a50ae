import type { Response as HttpResponse } from 'express';

import type { AcceptedForms } from '../wire/accepted-forms.js';
import { EventStream } from '../wire/event-stream.js';
import { type Beating, onEachInterval } from '../wire/keep-alive.js';

/**
 * Opens an event stream for a response only when needed: for a notification, or for a keep-alive when the response
 * takes longer than an interval. Otherwise the response is JSON. A client that accepts only JSON gets neither.
 */
export class AnswerStream implements Beating {
  #stream: EventStream | undefined;
  readonly #stop: (() => void) | undefined;

  constructor(
    private readonly response: HttpResponse,
    private readonly forms: AcceptedForms,
  ) {
    if (forms.eventStream) this.#stop = onEachInterval(this);
  }

  /** Stream, if it is open or the client accepts nothing else. */
  get current(): EventStream | undefined {
    return this.forms.json ? this.#stream : this.open();
  }

  /** Opens and returns the stream; undefined if the client accepts only JSON. */
  open(): EventStream | undefined {
    this.stop();
    if (this.forms.eventStream) this.#stream ??= new EventStream(this.response);
    return this.#stream;
  }

  beat(): void {
    if (!this.response.headersSent && !this.response.destroyed) this.open();
    else this.stop();
  }

  /** Stops the keep-alive. Call it when the response is ready. */
  stop(): void {
    this.#stop?.();
  }
}
