import type { Response as HttpResponse } from 'express';

import type { SentMessage } from './sent-message.js';

/** The answers to a POST as one JSON body, for a client that accepts no event stream. Notifications are left out. */
export class JsonAnswer {
  readonly #answers: string[] = [];

  /** @param isBatch whether the body is a list */
  constructor(
    private readonly response: HttpResponse,
    private readonly isBatch: boolean,
  ) {}

  write({ text, isNotification }: SentMessage): void {
    if (!isNotification) this.#answers.push(text);
  }

  end(): void {
    if (this.response.destroyed || this.response.writableEnded) return;
    this.response.setHeader('Cache-Control', 'no-store');
    if (this.#answers.length === 0) {
      this.response.status(202).end(); // cancelled: nobody waits for an answer
      return;
    }
    const answers = this.#answers.join(',');
    const body = this.isBatch ? `[${answers}]` : answers;
    this.response.status(200).set('Content-Type', 'application/json').end(body);
  }
}
