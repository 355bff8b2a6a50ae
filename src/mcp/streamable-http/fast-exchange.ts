import {
  type JSONRPCNotification,
  type JSONRPCRequest,
  type JSONRPCResponse,
  METHOD_NOT_FOUND,
} from '@modelcontextprotocol/server';
import type { Response as HttpResponse } from 'express';

import type { AcceptedForms } from '../wire/accepted-forms.js';
import type { ResponseAccount } from '../../limits/byte-budget.js';
import { Answer } from './answer.js';
import { MISSING_CAPABILITY } from '../wire/error-reason.js';

/** Answers one request of the fast path. */
export class FastExchange {
  /** Resolves when the request has been answered or canceled. */
  readonly finished: Promise<void>;
  /** Ends the exchange, answered or not. */
  finish: () => void = () => {};
  /** Whether the SDK is still checking the request, before a handler runs. Errors then get a status other than 200. */
  isBeingChecked = false;
  /** Controller by which the SDK cancels the handler. */
  controller: AbortController | undefined;
  readonly #answer: Answer;

  constructor(
    readonly request: JSONRPCRequest,
    response: HttpResponse,
    forms: AcceptedForms,
    account: ResponseAccount,
  ) {
    this.#answer = new Answer(response, forms, account);
    this.finished = new Promise((resolve) => {
      const finish = (): void => {
        this.#answer.stop();
        resolve();
      };
      this.finish = finish;
    });
  }

  notify(message: JSONRPCNotification): void {
    this.#answer.notify(message);
  }

  /** @param response response with any ID, which is replaced by the ID of the request */
  answer(response: JSONRPCResponse): void {
    try {
      this.#answer.end({ ...response, id: this.request.id }, this.#statusOf(response));
    } finally {
      this.finish();
    }
  }

  #statusOf(response: JSONRPCResponse): number {
    if (!('error' in response)) return 200;
    const { code } = response.error;
    if (code === MISSING_CAPABILITY) return 400;
    if (!this.isBeingChecked) return 200;
    return code === METHOD_NOT_FOUND ? 404 : 400;
  }
}
