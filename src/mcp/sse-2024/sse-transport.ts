import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import type { TransportSendOptions } from '@modelcontextprotocol/sdk/shared/transport.js';
import type {
  JSONRPCMessage,
  JSONRPCRequest,
  MessageExtraInfo,
  RequestId,
} from '@modelcontextprotocol/sdk/types.js';
import type { Response } from 'express';

import type { Work } from '../context/work.js';
import { withClientError } from '../transport/client-errors.js';
import { keepAlive } from '../transport/keep-alive.js';
import { messageText } from '../transport/message-text.js';
import { cancelledIn } from '../transport/messages.js';
import { ABANDONED, PendingRequests } from '../transport/pending-requests.js';
import type { UnreadBytes } from '../transport/unread-bytes.js';

/** How long a client may leave the end unread before it is cut off, milliseconds. */
const UNREAD_TIMEOUT = 30_000;

/**
 * The SDK's own, which tells when a request is answered, and has its caller pay for what the client does not read.
 *
 * The server knows each request by a number of its own, for the reason that sessions of the later revisions have.
 */
export class SseTransport extends SSEServerTransport {
  readonly #pending = new PendingRequests<{ readonly settle: () => void; readonly work: Work }>();

  /**
   * @param endpoint where the client is to post its messages: a path, and perhaps a query
   * @param unread pays for what the client leaves unread
   */
  constructor(
    endpoint: string,
    private readonly response: Response,
    private readonly unread: UnreadBytes,
  ) {
    super(endpoint, response);
  }

  get pending(): number {
    return this.#pending.size;
  }

  /** Whether an answer of the client is awaited. */
  get isAsking(): boolean {
    return this.#pending.isAsking;
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
   * @param work counts the handlers that run for it
   * @returns when it is answered or cancelled, or the connection is lost; at once where it needs no answer
   * @throws {JsonRpcError} 429 or 503 when it answers a question of a request that cannot go on now
   */
  hand(message: JSONRPCMessage, extra: MessageExtraInfo, work: Work): Promise<void> | undefined {
    const cancelled = cancelledIn(message);
    if (cancelled !== undefined) this.#cancel(cancelled, message, extra);
    else if ('method' in message && 'id' in message) return this.#request(message, extra, work);
    else if ('method' in message || this.#pending.answer(message.id)) this.onmessage?.(message, extra);
    return undefined;
  }

  /** Ends the requests that nothing will answer; see {@link PendingRequests.abandoned}. */
  endAbandoned(): void {
    for (const number of this.#pending.abandoned(() => true)) {
      this.onmessage?.({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: number } });
      void this.send({ jsonrpc: '2.0', id: number, error: ABANDONED });
    }
  }

  override async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if (this.response.writableEnded) throw new Error('The stream has ended.');
    const request = 'method' in message ? undefined : this.#pending.get(message.id);
    if ('method' in message && 'id' in message) this.#pending.ask(message.id, options?.relatedRequestId);
    const withdrawn = cancelledIn(message);
    if (withdrawn !== undefined) this.#pending.withdraw(withdrawn);
    const sent = withClientError(request ? { ...message, id: request.id } : message, 'legacy');
    // Beyond the budget of its caller the stream is cut off: what the client misses it cannot come back for.
    this.unread.write(`event: message\ndata: ${messageText(sent)}\n\n`);
    if (!('method' in message) && message.id !== undefined) this.#settle(message.id);
  }

  override async close(): Promise<void> {
    for (const { settle } of this.#pending.clear()) settle();
    if (!this.response.destroyed) this.response.setTimeout(UNREAD_TIMEOUT, () => this.response.destroy());
    await super.close();
  }

  #request(message: JSONRPCRequest, extra: MessageExtraInfo, work: Work): Promise<void> {
    return new Promise((settle) => {
      const number = this.#pending.add(message.id, { settle, work });
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
