import {
  type JSONRPCErrorResponse,
  type JSONRPCNotification,
  type JSONRPCRequest,
  type JSONRPCResultResponse,
  METHOD_NOT_FOUND,
  type RequestId,
} from '@modelcontextprotocol/server';
import type { Response as HttpResponse } from 'express';

import { setReason } from '../../logging/refused-response.js';
import { jsonText } from '../../values/json-text.js';
import type { AcceptedForms } from '../wire/accepted-forms.js';
import { AnswerStream } from './answer-stream.js';
import { MISSING_CAPABILITY, reasonOfError } from '../wire/error-reason.js';
import { textOf } from '../wire/list-text.js';
import { messageText } from '../wire/message-text.js';

/** One request of the fast path, answered directly with Node's response: as JSON or on an event stream; see {@link AnswerStream}. */
export class FastExchange {
  /** Resolves when the request has been answered or canceled. */
  readonly finished: Promise<void>;
  /** Ends the exchange, answered or not. */
  finish: () => void = () => {};
  /** Whether the SDK is still checking the request, before a handler runs. Errors then get a status other than 200. */
  isBeingChecked = false;
  readonly #response: HttpResponse;
  readonly #stream: AnswerStream;

  constructor(
    readonly request: JSONRPCRequest,
    response: HttpResponse,
    forms: AcceptedForms,
  ) {
    this.#response = response;
    this.#stream = new AnswerStream(response, forms);
    this.finished = new Promise((resolve) => {
      this.finish = (): void => {
        this.#stream.stop();
        resolve();
      };
    });
  }

  /** Sends a notification, unless the client accepts only JSON. */
  notify(message: JSONRPCNotification): void {
    this.#stream.open()?.write(message);
  }

  /** @param answer response with any ID, which is replaced by the ID of the request */
  answer(answer: JSONRPCResultResponse | JSONRPCErrorResponse): void {
    try {
      this.#write(answer);
    } finally {
      this.finish();
    }
  }

  #write(answer: JSONRPCResultResponse | JSONRPCErrorResponse): void {
    const { id } = this.request;
    const status = this.#statusOf(answer);
    if (status !== 200 && 'error' in answer)
      setReason(this.#response, reasonOfError(answer.error.code, status));
    // A status other than 200 needs a JSON response, unless the stream is already open.
    const isStream = status === 200 || this.#response.headersSent;
    const stream = isStream ? this.#stream.current : undefined;
    if (stream) {
      stream.write({ ...answer, id });
      stream.end();
    } else if (!this.#response.destroyed) {
      const json = messageText({ id }, () => jsonOf(answer, id));
      this.#response.statusCode = status;
      this.#response.setHeader('Content-Type', 'application/json; charset=utf-8');
      this.#response.end(json);
    }
  }

  #statusOf(answer: JSONRPCResultResponse | JSONRPCErrorResponse): number {
    if (!('error' in answer)) return 200;
    const { code } = answer.error;
    if (code === MISSING_CAPABILITY) return 400;
    if (!this.isBeingChecked) return 200;
    return code === METHOD_NOT_FOUND ? 404 : 400;
  }
}

/** Serializes a response. The list of tools, the largest part, comes from a cache. */
function jsonOf(answer: JSONRPCResultResponse | JSONRPCErrorResponse, id: RequestId): string {
  const tools = 'result' in answer ? textOf(answer.result['tools']) : undefined;
  if (tools === undefined || !('result' in answer)) return jsonText({ ...answer, id });
  const others = jsonText({ ...answer.result, tools: undefined }).slice(1, -1);
  const result = `{"tools":${tools}${others && ','}${others}}`;
  return `{"jsonrpc":"2.0","id":${jsonText(id)},"result":${result}}`;
}
