import {
  type InboundModernRoute,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type MessageExtraInfo,
  METHOD_NOT_FOUND,
  PerRequestHTTPServerTransport,
  type TransportSendOptions,
} from '@modelcontextprotocol/server';
import type { Request, Response as HttpResponse } from 'express';

import { EventStream } from './event-stream.js';

/** The revision that is served here. Others are answered by the SDK's own handler. */
export const MODERN_REVISION = '2026-07-28';

/** The client does not declare what is needed of it (MCP 2026-07-28). */
const MISSING_CAPABILITY = -32_021;

/** What names the target of a request, by its method; the header `Mcp-Name` repeats it. */
const NAMED_BY: Readonly<Record<string, 'name' | 'uri'>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
};

/**
 * Whether a request is as plain as nearly all are: of the one revision, and with headers that repeat its body to
 * the letter (MCP 2026-07-28, transports). The SDK's own handler finds the right answer to all others.
 */
export function isPlainRequest(
  route: InboundModernRoute,
  request: Request,
): route is InboundModernRoute & { readonly message: JSONRPCRequest } {
  const { message, messageKind, classification } = route;
  if (messageKind !== 'request' || classification.revision !== MODERN_REVISION) return false;
  const { headers } = request;
  const { method, params } = message;
  if (headers['mcp-protocol-version'] !== MODERN_REVISION || headers['mcp-method'] !== method) return false;
  const member = NAMED_BY[method];
  return member === undefined || (params !== undefined && headers['mcp-name'] === params[member]);
}

/**
 * One request of MCP 2026-07-28, answered straight to Node's response.
 *
 * The answer is JSON unless something is to be told before it, such as progress: then it is an event stream. A
 * caller that goes away cancels its request.
 */
export class ModernExchange extends PerRequestHTTPServerTransport {
  readonly #route: InboundModernRoute & { readonly message: JSONRPCRequest };
  readonly #response: HttpResponse;
  #dispatching = false;
  #stream: EventStream | undefined;
  #finish: () => void = () => {};

  constructor(route: InboundModernRoute & { readonly message: JSONRPCRequest }, response: HttpResponse) {
    super({ classification: route.classification });
    this.#route = route;
    this.#response = response;
  }

  /** Hands the request to the server; resolves when it has been answered, or nobody wants the answer. */
  async serve(extra: Pick<MessageExtraInfo, 'authInfo'>): Promise<void> {
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
