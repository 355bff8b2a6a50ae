import {
  type JSONRPCNotification,
  type JSONRPCRequest,
  type JSONRPCResponse,
  METHOD_NOT_FOUND,
} from '@modelcontextprotocol/server';
import type { Response as HttpResponse } from 'express';

import { setReason } from '../../logging/refused-response.js';
import type { AcceptedForms } from '../wire/accepted-forms.js';
import { Answer } from './answer.js';
import { MISSING_CAPABILITY, reasonOfError } from '../wire/error-reason.js';

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
  readonly #response: HttpResponse;
  readonly #answer: Answer;

  constructor(
    readonly request: JSONRPCRequest,
    response: HttpResponse,
    forms: AcceptedForms,
  ) {
    this.#response = response;
    this.#answer = new Answer(response, forms);
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
      const status = this.#statusOf(response);
      if (status !== 200 && 'error' in response) {
        setReason(this.#response, reasonOfError(response.error.code, status));
      }
      this.#answer.end({ ...response, id: this.request.id }, status);
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
