import type { Response as HttpResponse } from 'express';

import type { AcceptedForms } from './accepted-forms.js';
import { EventStream } from './event-stream.js';
import { type Beating, onEachInterval } from './keep-alive.js';

/**
 * The event stream of an answer that is JSON unless something has to be sent first: a notification, or a sign of life
 * when the answer takes longer than a keep-alive interval. A client that accepts only JSON gets neither.
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

  /** The stream, if it is open or the client accepts nothing else. */
  get current(): EventStream | undefined {
    return this.forms.json ? this.#stream : this.open();
  }

  /** Opens the stream; undefined when the client accepts only JSON. */
  open(): EventStream | undefined {
    this.stop();
    if (this.forms.eventStream) this.#stream ??= new EventStream(this.response);
    return this.#stream;
  }

  beat(): void {
    if (!this.response.headersSent && !this.response.destroyed) this.open();
    else this.stop();
  }

  /** Opens no stream for the time that passes. Call it when the answer is there. */
  stop(): void {
    this.#stop?.();
  }
}
