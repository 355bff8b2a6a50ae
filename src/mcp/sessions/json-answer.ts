import type { Response as HttpResponse } from 'express';

import { answersText } from '../transport/message-text.js';

/** The answers to a POST as one JSON body, for a client that accepts no event stream. Notifications are left out. */
export class JsonAnswer {
  readonly #answers: object[] = [];

  /** @param isBatch whether the body is a list */
  constructor(
    private readonly response: HttpResponse,
    private readonly isBatch: boolean,
  ) {}

  write(message: object): void {
    if (!('method' in message)) this.#answers.push(message);
  }

  end(): void {
    if (this.response.destroyed || this.response.writableEnded) return;
    this.response.setHeader('Cache-Control', 'no-store');
    if (this.#answers.length === 0) {
      this.response.status(202).end(); // cancelled: nobody waits for an answer
      return;
    }
    const body = answersText(this.#answers, this.isBatch);
    this.response.status(200).set('Content-Type', 'application/json').end(body);
  }
}
