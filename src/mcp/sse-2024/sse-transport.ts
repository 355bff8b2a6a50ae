import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import type { TransportSendOptions } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/sdk/types.js';
import type { Response } from 'express';

import type { Principal } from '../../auth/principal.js';
import type { AdmittedMessages } from '../admission/admitted-messages.js';
import { withClientError } from '../server/client-errors.js';
import { limitUnread } from '../wire/end-response.js';
import { eventText, STREAM_BYTES, UNREAD_TIMEOUT_MS } from '../wire/event-stream.js';
import { keepAlive } from '../wire/keep-alive.js';
import { messageText } from '../wire/message-text.js';
import { ABANDONED, endRequests, REVOKED, STOPPING } from '../sessions/end-requests.js';
import { type PendingRequest, PendingRequests } from '../sessions/pending-requests.js';
import type { UnreadBytes } from '../wire/unread-bytes.js';
import { notSent } from './client-rounds.js';

/**
 * Extends the SDK transport to track pending requests, and to charge callers for unread bytes.
 *
 * Each request gets an internal number as its ID, as in `SessionTransport`.
 */
export class SseTransport extends SSEServerTransport {
  readonly #pending = new PendingRequests<PendingRequest & { readonly settle: () => void }>();
  #isDraining = false;

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

  /** See {@link PendingRequests.isWorking}. */
  get isWorking(): boolean {
    return this.#pending.isWorking;
  }

  override async start(): Promise<void> {
    this.response.once('close', STREAM_BYTES.begin(this.response.socket));
    await super.start();
    keepAlive(this.response);
  }

  /** @throws {JsonRpcError} 400 when a request with this ID is pending */
  requireNew(id: RequestId): void {
    this.#pending.requireNew(id);
  }

  /**
   * Passes a message to the server.
   *
   * @returns a promise that resolves when the request is answered or canceled, or the connection is lost; undefined if
   *   the message needs no response
   * @throws {JsonRpcError} 429 or 503 when the message answers a question of a request that cannot resume now
   * @throws {InsufficientScopeError | ForbiddenError} when the token may not answer the question; see
   *   {@link PendingRequests.answer}
   */
  hand(message: JSONRPCMessage, authInfo: AdmittedMessages): Promise<void> | undefined {
    const { principal, work } = authInfo.context;
    if (!('method' in message) && !this.#pending.answer(message.id, principal)) return undefined;
    const settled =
      'method' in message && 'id' in message
        ? new Promise<void>((settle) => this.#pending.add(message.id, { settle, principal, work }))
        : undefined;
    const passed = this.#pending.incoming(message);
    if (!passed) return undefined;
    this.onmessage?.(passed.message, { authInfo });
    if (passed.cancels !== undefined) this.#settle(passed.cancels);
    return settled;
  }

  /** Ends abandoned requests; see {@link PendingRequests.abandoned}. */
  endAbandoned(): void {
    endRequests(
      this,
      this.#pending.abandoned(() => true),
      ABANDONED,
    );
  }

  /** Ends requests that wait for an answer, and asks nothing more. */
  drain(): void {
    this.#isDraining = true;
    endRequests(this, this.#pending.waiting, STOPPING);
  }

  /** Ends the requests of a revoked token. */
  endRevoked(principal: Principal): void {
    endRequests(this, this.#pending.of(principal), REVOKED);
  }

  override async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if (this.response.writableEnded) throw new Error('The stream has ended.');
    const answered = 'method' in message ? undefined : message.id;
    // Answers to canceled or answered requests are dropped.
    if (answered !== undefined && !this.#pending.get(answered)) return;
    const outgoing = this.#outgoing(message, options?.relatedRequestId);
    if (!outgoing) return;
    const sent = withClientError(outgoing, 'legacy');
    // Beyond the caller's budget, the connection is closed, because clients cannot resume this stream.
    this.unread.write(eventText(messageText(sent)));
    if (answered !== undefined) this.#settle(answered);
  }

  override async close(): Promise<void> {
    for (const { settle } of this.#pending.clear()) settle();
    await super.close();
    limitUnread(this.response, UNREAD_TIMEOUT_MS);
  }

  /** Converts a message for the client. Refuses a question while too many requests wait, or while the server stops. */
  #outgoing(message: JSONRPCMessage, asker: RequestId | undefined): JSONRPCMessage | undefined {
    const isQuestion = 'method' in message && 'id' in message;
    try {
      if (isQuestion && this.#isDraining) throw new Error(STOPPING.message);
      return this.#pending.outgoing(message, asker);
    } catch (error) {
      if (!isQuestion || !(error instanceof Error)) throw error;
      this.onmessage?.(notSent(message.id, error));
      return undefined;
    }
  }

  #settle(number: RequestId): void {
    this.#pending.remove(number)?.settle();
  }
}
