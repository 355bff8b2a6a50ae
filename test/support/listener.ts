import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';

import { MODERN, MODERN_ENVELOPE } from './rpc.js';

/** Notifications that a client requests. */
export interface ListenFilter {
  readonly toolsListChanged?: boolean;
  readonly promptsListChanged?: boolean;
  readonly resourcesListChanged?: boolean;
  readonly resourceSubscriptions?: readonly string[];
}

/** A message on a stream: a notification, or the result that ends it. */
export interface StreamMessage {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly uri?: string; readonly notifications?: ListenFilter; readonly _meta?: object };
  readonly result?: object;
}

/** Timeout for an expected message, in milliseconds. */
const PATIENCE = 10_000;

/** Listens like a client without an SDK (MCP 2026-07-28, subscriptions/listen). */
export class Listener {
  readonly messages: StreamMessage[] = [];
  /** Resolves when either side has ended the stream. */
  readonly ended: Promise<void>;
  #onMessage = (): void => {};
  #text = '';

  private constructor(
    private readonly sent: ClientRequest,
    private readonly response: IncomingMessage,
  ) {
    response.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    response.on('error', () => {});
    this.ended = new Promise((resolve) => void response.once('close', () => resolve()));
  }

  /**
   * Opens a stream and waits for its first message.
   *
   * @param others further members of the parameters
   */
  static async open(
    url: string,
    token: string,
    notifications: ListenFilter,
    id = 7,
    others: object = {},
  ): Promise<Listener> {
    const sent = request(url, {
      method: 'POST',
      agent: false,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': MODERN,
        'mcp-method': 'subscriptions/listen',
      },
    });
    sent.on('error', () => {});
    const params = { notifications, _meta: MODERN_ENVELOPE, ...others };
    sent.end(JSON.stringify({ jsonrpc: '2.0', id, method: 'subscriptions/listen', params }));
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    if (response.statusCode !== 200) {
      response.resume();
      throw new Error(`The stream was refused with ${response.statusCode}.`);
    }
    const listener = new Listener(sent, response);
    await listener.heard(1);
    return listener;
  }

  /** Granted notifications. */
  get acknowledged(): ListenFilter | undefined {
    return this.messages[0]?.params?.notifications;
  }

  /** Messages since the acknowledgement: their methods, and URIs if any. */
  get events(): string[] {
    return this.messages
      .slice(1)
      .map(({ method, params }) => [method ?? 'result', params?.uri].filter((part) => part).join(' '));
  }

  /** Waits for a number of messages, including the acknowledgement. */
  async heard(count: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`Heard only ${JSON.stringify(this.messages)}, not ${count} messages.`));
      }, PATIENCE);
      this.#onMessage = () => this.messages.length >= count && resolve();
      this.#onMessage();
    });
    clearTimeout(timer);
  }

  /** Disconnects without a message, like a client whose machine loses power. */
  vanish(): void {
    this.sent.destroy();
  }

  /** Stops reading but stays connected. */
  stall(): void {
    this.response.pause();
  }

  #read(text: string): void {
    this.#text += text;
    const events = this.#text.split('\n\n');
    this.#text = events.pop() ?? '';
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (data !== undefined) this.messages.push(JSON.parse(data) as StreamMessage);
    }
    this.#onMessage();
  }
}
