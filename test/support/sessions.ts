import { post } from './rpc.js';

/** Event of a stream. */
export interface SentEvent {
  readonly id: string | undefined;
  readonly data: string;
  readonly message:
    { id?: unknown; method?: string; params?: Record<string, unknown>; result?: unknown } | undefined;
}

/** Reads an event stream. A response in JSON counts as one event without an ID. */
export class EventReader {
  readonly seen: SentEvent[] = [];
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #text = '';

  constructor(readonly response: Response) {
    if (!response.body) throw new Error('There is no body.');
    this.#reader = response.body.getReader();
  }

  /** Reads the next event; undefined at the end of the stream. */
  async next(): Promise<SentEvent | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end >= 0) {
        const lines = this.#text.slice(0, end).split('\n');
        this.#text = this.#text.slice(end + 2);
        const field = (name: string): string | undefined =>
          lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
        const data = field('data');
        if (data === undefined) continue;
        const isMessage = data !== '' && field('event') !== 'endpoint';
        const event: SentEvent = {
          id: field('id'),
          data,
          message: isMessage ? (JSON.parse(data) as SentEvent['message']) : undefined,
        };
        this.seen.push(event);
        return event;
      }
      const { done, value } = await this.#reader.read();
      if (done) return this.#onlyAnswer();
      this.#text += Buffer.from(value).toString();
    }
  }

  #onlyAnswer(): SentEvent | undefined {
    const data = this.#text;
    if (data === '' || !this.response.headers.get('content-type')?.startsWith('application/json'))
      return undefined;
    this.#text = '';
    const event: SentEvent = { id: undefined, data, message: JSON.parse(data) as SentEvent['message'] };
    this.seen.push(event);
    return event;
  }

  /** Reads the next matching event. */
  async until(fits: (event: SentEvent) => boolean): Promise<SentEvent> {
    for (;;) {
      const event = await this.next();
      if (!event) throw new Error('The stream ended before.');
      if (fits(event)) return event;
    }
  }

  /** Reads all remaining events. */
  async rest(): Promise<SentEvent[]> {
    const events: SentEvent[] = [];
    for (let event = await this.next(); event; event = await this.next()) events.push(event);
    return events;
  }

  /** Breaks the connection. */
  async abandon(): Promise<void> {
    await this.#reader.cancel();
  }
}

const REVISION = '2025-11-25';

/** Session that is used without an SDK client. */
export class RawSession {
  constructor(
    readonly url: string,
    readonly token: string,
    readonly id: string,
  ) {}

  get headers(): Record<string, string> {
    return { 'mcp-session-id': this.id, 'mcp-protocol-version': REVISION };
  }

  post(body: object, token = this.token): Promise<Response> {
    return post(this.url, token, body, this.headers);
  }

  async request(method: string, params: object = {}, id: number | string = 1): Promise<EventReader> {
    return new EventReader(await this.post({ jsonrpc: '2.0', id, method, params }));
  }

  /** Sends a request and returns its result. */
  async result(method: string, params: object = {}, id: number | string = 1): Promise<unknown> {
    const reader = await this.request(method, params, id);
    return (await reader.until(({ message }) => message?.id === id)).message?.result;
  }

  get(lastEventId?: string, token = this.token): Promise<Response> {
    return fetch(this.url, {
      headers: {
        ...this.headers,
        authorization: `Bearer ${token}`,
        accept: 'text/event-stream',
        ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
      },
    });
  }

  /** Listens, and waits until the server has registered it. */
  async listen(lastEventId?: string): Promise<EventReader> {
    const reader = new EventReader(await this.get(lastEventId));
    if (lastEventId === undefined) await reader.next();
    return reader;
  }

  delete(token = this.token): Promise<Response> {
    return fetch(this.url, {
      method: 'DELETE',
      headers: { ...this.headers, authorization: `Bearer ${token}` },
    });
  }
}

export const initialize = (revision = REVISION, capabilities: object = {}): object => ({
  jsonrpc: '2.0',
  id: 'initialize',
  method: 'initialize',
  params: { protocolVersion: revision, capabilities, clientInfo: { name: 'test', version: '1' } },
});

export async function openSession(url: string, token: string, capabilities?: object): Promise<RawSession> {
  const response = await post(url, token, initialize(REVISION, capabilities));
  const id = response.headers.get('mcp-session-id');
  if (response.status !== 200 || id === null) throw new Error(`No session: ${response.status}`);
  await response.text();
  const session = new RawSession(url, token, id);
  const initialized = await session.post({ jsonrpc: '2.0', method: 'notifications/initialized' });
  if (initialized.status !== 202) throw new Error(`Not initialized: ${initialized.status}`);
  return session;
}
