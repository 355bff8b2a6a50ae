import {
  type JSONRPCMessage,
  type JSONRPCRequest,
  type MessageExtraInfo,
  PerRequestHTTPServerTransport,
  type Server,
  type TransportSendOptions,
} from '@modelcontextprotocol/server';
import type { Response as HttpResponse } from 'express';

import type { RequestContext } from '../context/request-context.js';
import type { AcceptedForms } from './accepted-forms.js';
import { PlainExchange } from './plain-exchange.js';
import { type Era, MODERN_REVISION } from './revisions.js';
import type { RequestOf } from './sdk-servers.js';
import { Slots } from './slots.js';

/**
 * One server of the SDK for all plain requests of an era, instead of one for each.
 *
 * Each request is known to it by a number of its own, whatever id its client chose: by that the answer finds its
 * way back, the handler its caller, and a cancellation the one handler that it is for. It is asked only for what
 * leaves nothing behind in a server: no handshake, no log level.
 */
export class SharedServer {
  readonly #transport: SharedTransport;
  readonly #connected: Promise<void>;

  /** @param create makes the server */
  constructor(era: Era, create: (requestOf: RequestOf) => Server) {
    this.#transport = new SharedTransport(era);
    const server = create(({ mcpReq }) => this.#transport.contextOf(mcpReq.id));
    this.#transport.receive = receiverOf(server) ?? this.#transport.receive;
    this.#connected = server.connect(this.#transport);
  }

  /**
   * Serves one request; resolves when it has been answered, or nobody wants the answer. In the 2026-07-28 era a
   * caller that goes away cancels its request.
   */
  async serve(
    request: JSONRPCRequest,
    context: RequestContext,
    response: HttpResponse,
    forms: AcceptedForms,
  ): Promise<void> {
    await this.#connected;
    await this.#transport.serve(new PlainExchange(request, context, response, forms), response);
  }
}

type Receive = (message: JSONRPCRequest, extra: MessageExtraInfo) => void;

/**
 * Where the SDK's server takes in what it knows for a request; undefined where it has no such place.
 *
 * Its `onmessage` first tries, twice, whether the message is a response. Each failed attempt leaves 1 KB behind that
 * only a full collection of garbage takes away, which costs a call a tenth of its time, and pauses of 4 ms.
 */
export function receiverOf(server: Server): Receive | undefined {
  const receive: unknown = Reflect.get(server, '_onrequest');
  return typeof receive === 'function'
    ? (message, extra) => void Reflect.apply(receive, server, [message, extra])
    : undefined;
}

/** Of the one class that binds a server to the revision 2026-07-28, which has no other way to be told. */
class SharedTransport extends PerRequestHTTPServerTransport {
  /** Hands a request to the server. */
  receive: Receive = (message, extra) => this.onmessage?.(message, extra);
  readonly #exchanges = new Slots<PlainExchange>();
  readonly #classification: { readonly era: Era; readonly revision?: string };

  constructor(era: Era) {
    const classification = era === 'modern' ? { era, revision: MODERN_REVISION } : { era };
    super({ classification });
    this.#classification = classification;
  }

  async serve(exchange: PlainExchange, response: HttpResponse): Promise<void> {
    const isModern = this.#classification.era === 'modern';
    if (isModern && response.closed) {
      exchange.finish(); // the caller went away before its request was served
      return;
    }
    const id = this.#exchanges.add(exchange);
    const onGone = (): void => this.#cancel(id, exchange);
    if (isModern) response.once('close', onGone);
    try {
      exchange.isBeingChecked = true;
      this.receive({ ...exchange.request, id }, { classification: this.#classification });
      exchange.isBeingChecked = false; // whatever is answered from now on comes from a handler
      await exchange.finished;
    } finally {
      this.#exchanges.delete(id);
      response.off('close', onGone);
    }
  }

  /** @throws {Error} when the request has ended meanwhile */
  contextOf(id: unknown): RequestContext {
    const exchange = this.#exchanges.get(id);
    if (!exchange) throw new Error('The SDK serves a message outside of a request.');
    return exchange.context;
  }

  override async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if (!('method' in message)) this.#exchanges.get(message.id)?.answer(message);
    // What belongs to no request has nobody to go to.
    else if (!('id' in message)) this.#exchanges.get(options?.relatedRequestId)?.notify(message);
  }

  #cancel(id: number, exchange: PlainExchange): void {
    this.onmessage?.(
      {
        jsonrpc: '2.0',
        method: 'notifications/cancelled',
        params: { requestId: id, reason: 'The caller went away.' },
      },
      { classification: this.#classification },
    );
    exchange.finish();
  }
}
