import { once } from 'node:events';
import { Agent, type ClientRequest, get, type IncomingMessage, request } from 'node:http';

import { type Exchange, isRight } from '../exchange.js';
import type { LoadClient } from './load.js';
import { TIMEOUT_MS } from './raw-connection.js';
import { withNewIds } from './request-ids.js';

const REVISION = '2024-11-05';
const OK = 200;
const HELLO = [
  {
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: { protocolVersion: REVISION, capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
  },
  { jsonrpc: '2.0', method: 'notifications/initialized' },
].map((message) => JSON.stringify(message));

/** Client of HTTP+SSE (2024-11-05): posts a message, and waits for the response on the event stream. */
export class EventClient implements LoadClient {
  readonly #chunks: AsyncIterator<unknown>;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #timeout: NodeJS.Timeout;
  #received = '';
  #url = '';

  private constructor(
    private readonly stream: IncomingMessage,
    private readonly exchange: Exchange,
  ) {
    stream.setEncoding('utf8');
    this.#chunks = stream[Symbol.asyncIterator]();
    this.#timeout = setTimeout(
      () => this.#end(new Error(`${this.#url}: no answer within ${TIMEOUT_MS} ms.`)),
      TIMEOUT_MS,
    );
  }

  static async open(url: string, exchange: Exchange): Promise<EventClient> {
    const headers = { authorization: exchange.headers['authorization'] };
    const stream = await answered(get(`${url}/sse`, { headers }));
    const client = new EventClient(stream, exchange);
    client.#url = new URL(await client.#next(), url).href;
    for (const message of HELLO) await client.#post(message);
    await client.#next();
    return client;
  }

  async perform(): Promise<void> {
    this.#timeout.refresh();
    const [body] = await Promise.all([this.#next(), this.#post(withNewIds(this.exchange.body))]);
    if (!isRight(OK, body, this.exchange)) throw new Error(`${this.#url}: ${body.slice(0, 500)}`);
  }

  close(): void {
    this.#end();
  }

  #end(error?: Error): void {
    clearTimeout(this.#timeout);
    this.stream.destroy(error);
    this.#agent.destroy();
  }

  /** Data of the next event. */
  async #next(): Promise<string> {
    for (;;) {
      const end = this.#received.indexOf('\n\n');
      if (end >= 0) {
        const event = this.#received.slice(0, end);
        this.#received = this.#received.slice(end + 2);
        const data = /^data: (.*)$/m.exec(event)?.[1];
        if (data !== undefined) return data;
        continue;
      }
      const chunk = await this.#chunks.next();
      if (chunk.done) throw new Error(`${this.#url}: the stream has ended.`);
      this.#received += String(chunk.value);
    }
  }

  async #post(body: string): Promise<void> {
    const headers = {
      authorization: this.exchange.headers['authorization'],
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const posting = request(this.#url, { method: 'POST', agent: this.#agent, headers });
    posting.end(body);
    const response = await answered(posting);
    response.resume();
    await once(response, 'end');
    if (response.statusCode !== 202) throw new Error(`${this.#url}: HTTP ${response.statusCode}`);
  }
}

const answered = (sent: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => sent.once('response', resolve).once('error', reject));
