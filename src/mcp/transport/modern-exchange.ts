import {
  type JSONRPCMessage,
  type MessageExtraInfo,
  METHOD_NOT_FOUND,
  PerRequestHTTPServerTransport,
  type TransportSendOptions,
} from '@modelcontextprotocol/server';
import type { Response as HttpResponse } from 'express';

import { EventStream } from './event-stream.js';
import type { ModernRequest } from './plain-request.js';

/** The client does not declare what is needed of it (MCP 2026-07-28). */
const MISSING_CAPABILITY = -32_021;

/**
 * One request of MCP 2026-07-28, answered straight to Node's response.
 *
 * The answer is JSON unless something is to be told before it, such as progress: then it is an event stream. A
 * caller that goes away cancels its request.
 */
export class ModernExchange extends PerRequestHTTPServerTransport {
  readonly #route: ModernRequest;
  readonly #response: HttpResponse;
  #dispatching = false;
  #stream: EventStream | undefined;
  #finish: () => void = () => {};

  constructor(route: ModernRequest, response: HttpResponse) {
    super({ classification: route.classification });
    this.#route = route;
    this.#response = response;
  }

  /** Hands the request to the server; resolves when it has been answered, or nobody wants the answer. */
  async serve(extra: Pick<MessageExtraInfo, 'authInfo'>): Promise<void> {
    if (this.#response.closed) return; // the caller went away before its request was served
    const { message, classification } = this.#route;
    const finished = new Promise<void>((resolve) => {
      this.#finish = resolve;
    });
    const onGone = (): void => void this.close();
    this.#response.once('close', onGone);
    this.#dispatching = true;
    this.onmessage?.(message, { classification, ...extra });
    this.#dispatching = false;
    await finished;
    this.#response.off('close', onGone);
  }

  override async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    const { id } = this.#route.message;
    if ('method' in message) {
      // What belongs to no request has nobody to go to.
      if (options?.relatedRequestId !== id) return;
      this.#stream ??= new EventStream(this.#response);
      this.#stream.write(message);
      return;
    }
    if (message.id !== id) return;
    if (this.#stream) {
      this.#stream.write(message);
      this.#stream.end();
    } else if (!this.#response.destroyed) {
      this.#response
        .status(this.#statusOf(message))
        .set('Content-Type', 'application/json')
        .end(JSON.stringify(message));
    }
    this.#finish();
  }

  override async close(): Promise<void> {
    await super.close();
    this.#finish();
  }

  /** What is refused before a handler has seen it has a status of its own. */
  #statusOf(message: Exclude<JSONRPCMessage, { method: string }>): number {
    if (!('error' in message)) return 200;
    const { code } = message.error;
    if (code === MISSING_CAPABILITY) return 400;
    if (!this.#dispatching) return 200;
    return code === METHOD_NOT_FOUND ? 404 : 400;
  }
}
