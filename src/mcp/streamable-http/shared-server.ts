import {
  type JSONRPCMessage,
  type JSONRPCRequest,
  PerRequestHTTPServerTransport,
  type Server,
  type TransportSendOptions,
} from '@modelcontextprotocol/server';
import type { Response as HttpResponse } from 'express';

import type { AdmittedMessages } from '../admission/admitted-messages.js';
import type { AcceptedForms } from '../wire/accepted-forms.js';
import { type Receive, receiverOf } from '../server/receiver.js';
import { FastExchange } from './fast-exchange.js';
import { acceptPlainEnvelopes } from './plain-envelope.js';
import { type Era, MODERN_REVISION } from '../wire/revisions.js';
import { Slots } from './slots.js';

/**
 * Shares one server of the SDK among all requests of the fast path in one era.
 *
 * Each request gets an internal number as its ID. The number leads a response to its client, and a cancellation to its
 * handler. Only requests that leave no state in the server are served: no handshake, no log level.
 */
export class SharedServer {
  readonly #transport: SharedTransport;
  readonly #connected: Promise<void>;

  constructor(era: Era, server: Server) {
    this.#transport = new SharedTransport(era);
    this.#transport.receive = receiverOf(server) ?? this.#transport.receive;
    if (era === 'modern') acceptPlainEnvelopes(server);
    keepControllers(server, (id) => this.#transport.exchange(id));
    this.#connected = server.connect(this.#transport);
  }

  /**
   * Serves one request. Resolves when it has been answered or canceled. In the modern era, a caller that disconnects
   * cancels its request.
   */
  async serve(
    request: JSONRPCRequest,
    messages: AdmittedMessages,
    response: HttpResponse,
    forms: AcceptedForms,
  ): Promise<void> {
    await this.#connected;
    const exchange = new FastExchange(request, response, forms, messages.context.work);
    await this.#transport.serve(exchange, messages, response);
  }
}

/** Name of the internal Map of an SDK server in which it keeps the controller of each running request. */
const CONTROLLERS = '_requestHandlerAbortControllers';

/**
 * Keeps the controllers of an SDK server with the exchanges of their requests.
 *
 * A Map that changes with every request replaces its table every few requests, and the old tables keep the requests of
 * their time in memory until a full garbage collection. Each collection of young objects then copies these requests,
 * which takes milliseconds instead of a fraction of one.
 *
 * @returns false if the SDK has no such Map; nothing is changed then
 */
export function keepControllers(server: Server, exchangeOf: ExchangeOf): boolean {
  if (!(Reflect.get(server, CONTROLLERS) instanceof Map)) return false;
  return Reflect.set(server, CONTROLLERS, new ExchangeControllers(exchangeOf));
}

type ExchangeOf = (id: unknown) => Pick<FastExchange, 'controller'> | undefined;

/** Controllers of running requests, each stored in the exchange of its request. */
class ExchangeControllers extends Map<unknown, AbortController> {
  constructor(private readonly exchangeOf: ExchangeOf) {
    super();
  }

  override get(id: unknown): AbortController | undefined {
    return this.exchangeOf(id)?.controller;
  }

  override set(id: unknown, controller: AbortController): this {
    const exchange = this.exchangeOf(id);
    if (exchange) exchange.controller = controller;
    return this;
  }

  override delete(id: unknown): boolean {
    const exchange = this.exchangeOf(id);
    if (!exchange?.controller) return false;
    exchange.controller = undefined;
    return true;
  }
}

/** Extends the only SDK transport that can pin a server to the modern era. */
class SharedTransport extends PerRequestHTTPServerTransport {
  /** Passes a request to the server. */
  receive: Receive = (message, extra) => this.onmessage?.(message, extra);
  readonly #exchanges = new Slots<FastExchange>();
  readonly #classification: { readonly era: Era; readonly revision?: string };

  constructor(era: Era) {
    const classification = era === 'modern' ? { era, revision: MODERN_REVISION } : { era };
    super({ classification });
    this.#classification = classification;
  }

  exchange(id: unknown): FastExchange | undefined {
    return this.#exchanges.get(id);
  }

  async serve(exchange: FastExchange, authInfo: AdmittedMessages, response: HttpResponse): Promise<void> {
    const isModern = this.#classification.era === 'modern';
    if (isModern && response.closed) {
      exchange.finish(); // the caller disconnected before its request was served
      return;
    }
    const id = this.#exchanges.add(exchange);
    const onGone = (): void => this.#cancel(id, exchange);
    if (isModern) response.on('close', onGone);
    try {
      exchange.isBeingChecked = true;
      this.receive({ ...exchange.request, id }, { classification: this.#classification, authInfo });
      exchange.isBeingChecked = false; // later responses come from a handler
      await exchange.finished;
    } finally {
      this.#exchanges.delete(id);
      if (isModern) response.off('close', onGone);
    }
  }

  override async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if (!('method' in message)) this.#exchanges.get(message.id)?.answer(message);
    // Messages without a request have no recipient.
    else if (!('id' in message)) this.#exchanges.get(options?.relatedRequestId)?.notify(message);
  }

  #cancel(id: number, exchange: FastExchange): void {
    this.onmessage?.(
      {
        jsonrpc: '2.0',
        method: 'notifications/cancelled',
        params: { requestId: id, reason: 'The caller disconnected.' },
      },
      { classification: this.#classification },
    );
    exchange.finish();
  }
}
