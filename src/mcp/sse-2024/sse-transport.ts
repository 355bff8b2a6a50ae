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
import { withClientError } from '../server/client-errors.js';
import { limitUnread } from '../wire/end-response.js';
import { eventText, UNREAD_TIMEOUT_MS } from '../wire/event-stream.js';
import { keepAlive } from '../wire/keep-alive.js';
import { messageText } from '../wire/message-text.js';
import { cancelledIn } from '../wire/messages.js';
import { ABANDONED, PendingRequests } from '../sessions/pending-requests.js';
import type { UnreadBytes } from '../wire/unread-bytes.js';

/**
 * Extends the SDK transport to track pending requests, and to charge callers for unread bytes.
 *
 * Each request gets an internal number as its ID, as in `SessionTransport`.
 */
export class SseTransport extends SSEServerTransport {
  readonly #pending = new PendingRequests<{ readonly settle: () => void; readonly work: Work }>();

  /**
   * @param endpoint path for the client's messages, with an optional query
   * @param unread writes to the stream and charges the caller for unread bytes
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

  /** Whether the server waits for a response of the client. */
  get isAsking(): boolean {
    return this.#pending.isAsking;
  }

  override async start(): Promise<void> {
    await super.start();
    keepAlive(this.response);
  }

  /** Whether a request with this ID is pending. */
  expects(id: RequestId): boolean {
    return this.#pending.numberOf(id) !== undefined;
  }

  /**
   * Passes a message to the server.
   *
   * @param work counts the running handlers of the message
   * @returns a promise that resolves when the request is answered or canceled, or the connection is lost; undefined if
   *   the message needs no response
   * @throws {JsonRpcError} 429 or 503 when the message answers a question of a request that cannot resume now
   */
  hand(message: JSONRPCMessage, extra: MessageExtraInfo, work: Work): Promise<void> | undefined {
    const cancelled = cancelledIn(message);
    if (cancelled !== undefined) this.#cancel(cancelled, message, extra);
    else if ('method' in message && 'id' in message) return this.#request(message, extra, work);
    else if ('method' in message || this.#pending.answer(message.id)) this.onmessage?.(message, extra);
    return undefined;
  }

  /** Ends abandoned requests; see {@link PendingRequests.abandoned}. */
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
    // Beyond the caller's budget, the connection is closed, because clients cannot resume this stream.
    this.unread.write(eventText(messageText(sent)));
    if (!('method' in message) && message.id !== undefined) this.#settle(message.id);
  }

  override async close(): Promise<void> {
    for (const { settle } of this.#pending.clear()) settle();
    await super.close();
    limitUnread(this.response, UNREAD_TIMEOUT_MS);
  }

  #request(message: JSONRPCRequest, extra: MessageExtraInfo, work: Work): Promise<void> {
    return new Promise((settle) => {
      const number = this.#pending.add(message.id, { settle, work });
      this.onmessage?.({ ...message, id: number }, extra);
    });
  }

  /** Aborts a request and settles it, in one step. Ignores unknown requests. */
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
