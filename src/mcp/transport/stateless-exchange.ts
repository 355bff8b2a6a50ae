import type {
  JSONRPCMessage,
  MessageExtraInfo,
  RequestId,
  Transport,
  TransportSendOptions,
} from '@modelcontextprotocol/server';
import type { Response as HttpResponse } from 'express';

import { jsonText } from '../json-text.js';
import { EventStream } from './event-stream.js';

/**
 * One POST of the 2025 revisions without a session: its messages, and the answer.
 *
 * The answer is JSON unless something is to be told before it, such as progress: then it is an event stream. A
 * lost connection cancels nothing.
 */
export class StatelessExchange implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;
  readonly #answers = new Map<RequestId, JSONRPCMessage>();
  readonly #finished: Promise<void>;
  #finish: () => void = () => {};
  #stream: EventStream | undefined;

  /** @param isBatch whether the answer is a list */
  constructor(
    private readonly response: HttpResponse,
    private readonly requests: ReadonlySet<RequestId>,
    private readonly isBatch: boolean,
  ) {
    this.#finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  async start(): Promise<void> {}

  /** Hands the messages to the server. */
  async serve(messages: readonly JSONRPCMessage[], extra: MessageExtraInfo): Promise<void> {
    for (const message of messages) this.onmessage?.(message, extra);
    if (this.requests.size === 0) this.response.status(202).end();
    else await this.#finished;
  }

  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if ('method' in message) {
      // What belongs to no request has nobody to go to.
      if (options?.relatedRequestId !== undefined) this.#streamed().write(message);
      return;
    }
    if (message.id === undefined) return;
    this.#answers.set(message.id, message);
    if (this.#stream) this.#stream.write(message);
    if ([...this.requests].every((id) => this.#answers.has(id))) this.#answer();
  }

  async close(): Promise<void> {
    this.#stream?.end();
    this.#finish();
    this.onclose?.();
  }

  #streamed(): EventStream {
    if (!this.#stream) {
      this.#stream = new EventStream(this.response);
      for (const answer of this.#answers.values()) this.#stream.write(answer);
    }
    return this.#stream;
  }

  #answer(): void {
    if (this.#stream) this.#stream.end();
    else {
      const answers = [...this.#answers.values()];
      const body = jsonText(this.isBatch ? answers : answers[0]);
      this.response.status(200).set('Content-Type', 'application/json').end(body);
    }
    this.#finish();
  }
}
