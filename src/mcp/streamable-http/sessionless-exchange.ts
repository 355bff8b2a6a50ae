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
import { ownTurn } from '../admission/own-turn.js';
import type { AdmittedMessages } from '../admission/admitted-messages.js';
import type { SdkServers } from '../server/sdk-servers.js';
import { legacyMessages, requestIdsOf } from '../wire/legacy-messages.js';
import { answersText } from '../wire/message-text.js';
import { AnswerStream } from './answer-stream.js';

/** Number of messages of a batch to serve before other work gets a turn. */
const MESSAGES_AT_ONCE = 10;

/**
 * Transports the messages of one legacy POST without a session.
 *
 * The response is JSON or an event stream; see {@link AnswerStream}.
 */
export class SessionlessExchange implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;
  readonly #stream: AnswerStream;
  readonly #finished: Promise<void>;
  #finish: () => void = () => {};
  readonly #unsent: object[];

  /**
   * @param unanswered IDs of the requests, each removed when the request is answered
   * @param refusals responses to the invalid elements of a batch; undefined if the POST is not a batch
   */
  constructor(
    private readonly response: HttpResponse,
    private readonly unanswered: Set<RequestId>,
    private readonly refusals: readonly object[] | undefined,
    forms: AcceptedForms,
  ) {
    this.#stream = new AnswerStream(response, forms);
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
    const isAnswered = this.unanswered.size > 0;
    for (const [index, message] of messages.entries()) {
      if (index > 0 && index % MESSAGES_AT_ONCE === 0) await ownTurn(principal);
      this.onmessage?.(message, extra);
    }
    if (isAnswered) await this.#finished;
    else this.#answer();
  }

  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if ('method' in message) {
      // Messages without a request have no recipient.
      if (options?.relatedRequestId !== undefined) this.#stream.open()?.write(message);
      return;
    }
    if (message.id === undefined || !this.unanswered.delete(message.id)) return;
    this.#unsent.push(message);
    if (this.unanswered.size === 0) this.#answer();
  }

  async close(): Promise<void> {
    this.#stream.stop();
    this.#stream.current?.end();
    this.#finish();
    this.onclose?.();
  }

  #answer(): void {
    this.#stream.stop();
    const stream = this.#stream.current;
    if (stream) {
      for (const answer of this.#unsent) stream.write(answer);
      stream.end();
    } else {
      const body = answersText(this.#unsent, this.refusals !== undefined);
      this.response.status(200).set('Content-Type', 'application/json').end(body);
    }
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
  const { request, principal } = admitted.context;
  const messages = legacyMessages(request, body);
  const requestIds = requestIdsOf(messages);
  if (requestIds.size === 0 && !refusals?.length) {
    // Without a session, notifications have no effect.
    response.status(202).end();
    return;
  }
  const server = servers.create('sessionless', admitted.methods);
  const exchange = new SessionlessExchange(response, requestIds, refusals, forms);
  response.setHeader('Cache-Control', 'no-store');
  try {
    await server.connect(exchange);
    await exchange.serve(messages, { authInfo: admitted }, principal);
  } catch (error) {
    await server.close();
    throw error;
  }
  // The server is not closed after its exchange: closing would only create errors that nobody reads.
}
