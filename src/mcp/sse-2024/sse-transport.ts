import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import type {
  JSONRPCMessage,
  JSONRPCRequest,
  MessageExtraInfo,
  RequestId,
} from '@modelcontextprotocol/sdk/types.js';
import type { Response } from 'express';

import type { HeldBytes } from '../../limits/byte-budget.js';
import { withClientError } from '../transport/client-errors.js';
import { keepAlive } from '../transport/keep-alive.js';
import { messageText } from '../transport/message-text.js';
import { cancelledIn } from '../transport/messages.js';
import { PendingRequests } from '../transport/pending-requests.js';

/** How long a client may leave the end unread before it is cut off, milliseconds. */
const UNREAD_TIMEOUT = 30_000;

/**
 * The SDK's own, which tells when a request is answered, and does not write for ever to a client that does not read.
 *
 * The server knows each request by a number of its own, for the reason that sessions of the later revisions have.
 */
export class SseTransport extends SSEServerTransport {
  readonly #pending = new PendingRequests<{ readonly settle: () => void }>();
  /** Ids of the questions that the client has not answered yet. */
  readonly #questions = new Set<RequestId>();

  /**
   * @param endpoint where the client is to post its messages: a path, and perhaps a query
   * @param unread pays for what the client leaves unread
   */
  constructor(
    endpoint: string,
    private readonly response: Response,
    private readonly unread: HeldBytes,
  ) {
    super(endpoint, response);
    response.on('drain', () => this.unread.release()).once('close', () => this.unread.release());
  }

  get pending(): number {
    return this.#pending.size;
  }

  /** Whether an answer of the client is awaited. */
  get isAsking(): boolean {
    return this.#questions.size > 0;
  }

  override async start(): Promise<void> {
    await super.start();
    keepAlive(this.response);
  }

  /** Whether a request of this id is not answered yet. */
  expects(id: RequestId): boolean {
    return this.#pending.numberOf(id) !== undefined;
  }

  /**
   * Hands a message to the server.
   *
   * @returns when it is answered or cancelled, or the connection is lost; at once where it needs no answer
   */
  async hand(message: JSONRPCMessage, extra: MessageExtraInfo): Promise<void> {
    const cancelled = cancelledIn(message);
    if (cancelled !== undefined) this.#cancel(cancelled, message, extra);
    else if ('method' in message && 'id' in message) await this.#request(message, extra);
    else {
      if (!('method' in message) && message.id !== undefined) this.#questions.delete(message.id);
      this.onmessage?.(message, extra);
    }
  }

  override async send(message: JSONRPCMessage): Promise<void> {
    if (this.response.writableEnded) throw new Error('The stream has ended.');
    if (!this.response.destroyed) {
      const request = 'method' in message ? undefined : this.#pending.get(message.id);
      if ('method' in message && 'id' in message) this.#questions.add(message.id);
      const withdrawn = cancelledIn(message);
      if (withdrawn !== undefined) this.#questions.delete(withdrawn);
      const sent = withClientError(request ? { ...message, id: request.id } : message, 'legacy');
      this.response.write(`event: message\ndata: ${messageText(sent)}\n\n`);
      // Beyond the budget of its caller the stream is cut off: what the client misses it cannot come back for.
      if (this.unread.resize(this.response.writableLength) !== undefined) this.response.destroy();
    }
    if (!('method' in message) && message.id !== undefined) this.#settle(message.id);
  }

  override async close(): Promise<void> {
    for (const { settle } of this.#pending.clear()) settle();
    this.#questions.clear();
    if (!this.response.destroyed) this.response.setTimeout(UNREAD_TIMEOUT, () => this.response.destroy());
    await super.close();
  }

  #request(message: JSONRPCRequest, extra: MessageExtraInfo): Promise<void> {
    return new Promise((settle) => {
      const number = this.#pending.add(message.id, { settle });
      this.onmessage?.({ ...message, id: number }, extra);
    });
  }

  /** Aborts a request and needs no answer to it any more, in one step. An unknown request is none to abort. */
  #cancel(id: RequestId, message: JSONRPCMessage, extra: MessageExtraInfo): void {
    const number = this.#pending.numberOf(id);
    if (number === undefined || !('params' in message)) return;
    this.onmessage?.({ ...message, params: { ...message.params, requestId: number } }, extra);
    this.#settle(number);
  }

  #settle(number: RequestId): void {
    this.#pending.remove(number)?.settle();
  }
}
