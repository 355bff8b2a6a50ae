import {
  type JSONRPCErrorResponse,
  type JSONRPCNotification,
  type JSONRPCRequest,
  type JSONRPCResultResponse,
  METHOD_NOT_FOUND,
  type RequestId,
} from '@modelcontextprotocol/server';
import type { Response as HttpResponse } from 'express';

import type { RequestContext } from '../context/request-context.js';
import { jsonText } from '../json-text.js';
import type { AcceptedForms } from './accepted-forms.js';
import { AnswerStream } from './answer-stream.js';
import { textOf } from './list-text.js';
import { messageText } from './message-text.js';

/** The client does not declare what is needed of it (MCP 2026-07-28). */
const MISSING_CAPABILITY = -32_021;

/**
 * One request, answered straight to Node's response: as JSON, unless something has to be sent first, such as
 * progress: see {@link AnswerStream}.
 */
export class PlainExchange {
  /** Resolves when the request has been answered, or nobody wants the answer. */
  readonly finished: Promise<void>;
  /** Ends it, without an answer if there has been none. */
  finish: () => void = () => {};
  /** While the SDK looks at the request, before any handler does: what it refuses then has a status of its own. */
  isBeingChecked = false;
  readonly #response: HttpResponse;
  readonly #stream: AnswerStream;

  constructor(
    readonly request: JSONRPCRequest,
    readonly context: RequestContext,
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

  /** @param answer under whatever id; it gets that of the request */
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
    // A status other than 200 needs an answer without a stream, unless the stream is open.
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

/** The JSON of an answer. A long list of tools, which is most of it, has been written before. */
function jsonOf(answer: JSONRPCResultResponse | JSONRPCErrorResponse, id: RequestId): string {
  const tools = 'result' in answer ? textOf(answer.result['tools']) : undefined;
  if (tools === undefined || !('result' in answer)) return jsonText({ ...answer, id });
  const others = jsonText({ ...answer.result, tools: undefined }).slice(1, -1);
  const result = `{"tools":${tools}${others && ','}${others}}`;
  return `{"jsonrpc":"2.0","id":${jsonText(id)},"result":${result}}`;
}
