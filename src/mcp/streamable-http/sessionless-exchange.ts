import type {
  JSONRPCMessage,
  MessageExtraInfo,
  RequestId,
  Transport,
  TransportSendOptions,
} from '@modelcontextprotocol/server';
import type { Response as HttpResponse } from 'express';

import type { Principal } from '../../auth/principal.js';
import type { AcceptedForms } from '../wire/accepted-forms.js';
import { ownTurn } from '../../limits/own-turn.js';
import type { AdmittedMessages } from '../admission/admitted-messages.js';
import type { SdkServers } from '../server/sdk-servers.js';
import { legacyMessages, requestIdsOf } from '../wire/legacy-messages.js';
import type { ResponseAccount } from '../../limits/byte-budget.js';
import { Answer } from './answer.js';

/** Number of messages of a batch to serve before other work gets a turn. */
const MESSAGES_AT_ONCE = 10;

/** Transports the messages of one legacy POST without a session. */
export class SessionlessExchange implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;
  readonly #answer: Answer;
  readonly #finished: Promise<void>;
  #finish: () => void = () => {};
  readonly #unsent: object[];

  /**
   * @param unanswered IDs of the requests, each removed when the request is answered
   * @param refusals responses to the invalid elements of a batch; undefined if the POST is not a batch
   */
  constructor(
    response: HttpResponse,
    private readonly unanswered: Set<RequestId>,
    private readonly refusals: readonly object[] | undefined,
    forms: AcceptedForms,
    account: ResponseAccount,
  ) {
    this.#answer = new Answer(response, forms, account);
    this.#unsent = [...(refusals ?? [])];
    this.#finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  async start(): Promise<void> {}

  /** Passes the messages to the server. */
  async serve(
    messages: readonly JSONRPCMessage[],
    extra: MessageExtraInfo,
    principal: Principal,
  ): Promise<void> {
    const hasRequests = this.unanswered.size > 0;
    for (const [index, message] of messages.entries()) {
      if (index > 0 && index % MESSAGES_AT_ONCE === 0) await ownTurn(principal);
      this.onmessage?.(message, extra);
    }
    if (hasRequests) await this.#finished;
    else this.#end();
  }

  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if ('method' in message) {
      // Messages without a request have no recipient.
      if (options?.relatedRequestId !== undefined) this.#answer.notify(message);
      return;
    }
    if (message.id === undefined || !this.unanswered.delete(message.id)) return;
    this.#unsent.push(message);
    if (this.unanswered.size === 0) this.#end();
  }

  async close(): Promise<void> {
    this.#answer.close();
    this.#finish();
    this.onclose?.();
  }

  #end(): void {
    const [only] = this.#unsent;
    if (this.refusals || !only) this.#answer.endBatch(this.#unsent);
    else this.#answer.end(only);
    this.#finish();
  }
}

/**
 * Serves legacy messages without a session. A lost connection cancels nothing.
 *
 * @param refusals responses to the invalid elements of a batch; undefined if the body is not a batch
 * @throws {JsonRpcError} 400 for an unsupported revision or an invalid message
 */
export async function serveSessionless(
  servers: SdkServers,
  body: unknown,
  refusals: readonly object[] | undefined,
  admitted: AdmittedMessages,
  response: HttpResponse,
  forms: AcceptedForms,
): Promise<void> {
  const { request, principal, work } = admitted.context;
  const messages = legacyMessages(request, body);
  const requestIds = requestIdsOf(messages);
  if (requestIds.size === 0 && !refusals?.length) {
    // Without a session, notifications have no effect.
    response.status(202).end();
    return;
  }
  const server = servers.create('sessionless', admitted.methods);
  const exchange = new SessionlessExchange(response, requestIds, refusals, forms, work);
  try {
    await server.connect(exchange);
    await exchange.serve(messages, { authInfo: admitted }, principal);
  } catch (error) {
    await server.close();
    throw error;
  }
  // The server is not closed after its exchange: closing would only create errors that nobody reads.
}
