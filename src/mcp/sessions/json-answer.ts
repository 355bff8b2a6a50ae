import type { Response as HttpResponse } from 'express';

import { endWithJson } from '../wire/end-response.js';
import type { SentMessage } from './sent-message.js';

/** Answers a POST with one JSON body, for clients that accept no event stream. Notifications are dropped. */
export class JsonAnswer {
  readonly #answers: string[] = [];

  /** @param isBatch whether the body is an array */
  constructor(
    private readonly response: HttpResponse,
    private readonly isBatch: boolean,
  ) {}

  /** Whether there is nothing to answer yet. */
  get isEmpty(): boolean {
    return this.#answers.length === 0;
  }

  write({ text, isNotification }: SentMessage): void {
    if (!isNotification) this.#answers.push(text);
  }

  end(): void {
    if (this.response.destroyed || this.response.writableEnded) return;
    if (this.isEmpty) {
      this.response.status(202).end(); // all requests were canceled
      return;
    }
    const answers = this.#answers.join(',');
    const body = this.isBatch ? `[${answers}]` : answers;
    endWithJson(this.response, 200, body);
  }
}
