import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/sdk/types.js';
import type { Response } from 'express';

import { withClientError } from '../transport/client-errors.js';
import { keepAlive } from '../transport/keep-alive.js';
import { messageText } from '../transport/message-text.js';

/** What a client may leave unread before it is cut off, bytes: what it misses it cannot come back for. */
const MOST_UNREAD = 16 * 1024 ** 2;

/** How long a client may leave the end unread before it is cut off, milliseconds. */
const UNREAD_TIMEOUT = 30_000;

/** The SDK's own, which tells when a request is answered, and does not write for ever to a client that does not read. */
export class SseTransport extends SSEServerTransport {
  readonly #pending = new Map<RequestId, () => void>();

  /** @param endpoint where the client is to post its messages: a path, and perhaps a query */
  constructor(
    endpoint: string,
    private readonly response: Response,
  ) {
    super(endpoint, response);
  }

  get pending(): number {
    return this.#pending.size;
  }

  override async start(): Promise<void> {
    await super.start();
    keepAlive(this.response);
  }

  /**
   * Expects requests to be answered.
   *
   * @returns when they are, or are cancelled, or the connection is lost
   */
  async answers(ids: readonly RequestId[]): Promise<void> {
    await Promise.all(ids.map((id) => new Promise<void>((resolve) => this.#pending.set(id, resolve))));
  }

  /** Whether a request of this id is not answered yet. */
  expects(id: RequestId): boolean {
    return this.#pending.has(id);
  }

  /** A request needs no answer any more. */
  settle(id: RequestId): void {
    this.#pending.get(id)?.();
    this.#pending.delete(id);
  }

  override async send(message: JSONRPCMessage): Promise<void> {
    if (this.response.writableLength > MOST_UNREAD) this.response.destroy();
    else if (this.response.writableEnded) throw new Error('The stream has ended.');
    else {
      const sent = withClientError(message, 'legacy');
      this.response.write(`event: message\ndata: ${messageText(sent)}\n\n`);
    }
    if (!('method' in message) && message.id !== undefined) this.settle(message.id);
  }

  override async close(): Promise<void> {
    for (const id of this.#pending.keys()) this.settle(id);
    if (!this.response.destroyed) this.response.setTimeout(UNREAD_TIMEOUT, () => this.response.destroy());
    await super.close();
  }
}
