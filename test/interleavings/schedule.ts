import { setTimeout as sleep } from 'node:timers/promises';

import { MODERN, MODERN_ENVELOPE } from '../support/rpc.js';
import type { Connect, Connection } from './connection.js';
import { RACING_TOOLS } from './racing.tools.js';
import type { Random } from './random.js';

/** Maximum steps of one schedule. */
const MAX_STEPS = 12;

/** Maximum time that a client waits for an answer, milliseconds. */
const MAX_WAIT_MS = 2_000;

/** Maximum pause of a client that waits for nothing, milliseconds. */
const MAX_PAUSE_MS = 20;

/** Maximum requests per connection. With more pending, a server stops reading and misses the connection's end. */
const MAX_REQUESTS = 5;

type Headers = Readonly<Record<string, string>>;

export interface Outcome {
  readonly sent: number;
  readonly answered: number;
}

/** Connection, with the client's view of it. */
interface Line {
  readonly connection: Connection;
  requests: number;
  /** Number of characters read before the last request was sent. */
  readBefore: number;
}

/** Random steps of one client. */
export class Schedule {
  readonly #lines: Line[] = [];
  #last: Line | undefined;
  #session: string | undefined;
  #sse: Connection | undefined;

  constructor(
    private readonly random: Random,
    private readonly connect: Connect,
    private readonly token: string,
  ) {}

  /**
   * @param interrupt is called once, before one of the steps
   * @returns how many requests were sent and answered
   */
  async run(interrupt?: () => void): Promise<Outcome> {
    const steps = 1 + this.random.below(MAX_STEPS);
    const interruptedAt = this.random.below(steps);
    for (let step = 0; step < steps; step++) {
      if (step === interruptedAt) interrupt?.();
      this.#step();
      await this.#pause();
    }
    for (const { connection } of this.#lines) connection.close();
    return this.#lines.reduce(
      ({ sent, answered }, { requests, connection: { text } }) => ({
        sent: sent + requests,
        answered: answered + [...text.matchAll(/^HTTP\/1\.1 /gm)].length,
      }),
      { sent: 0, answered: 0 },
    );
  }

  #step(): void {
    const calls = [() => this.#modern(), () => this.#legacy(), () => this.#inSession(), () => this.#onSse()];
    const others = [
      () => this.#initialize(),
      () => this.#endSession(),
      () => this.#listen(),
      () => this.#openSse(),
      () => this.#half(),
      () => this.#lines[this.random.below(this.#lines.length + 1)]?.connection.close(),
    ];
    const steps = this.random.below(3) === 0 ? others : calls;
    this.random.pick(steps)();
  }

  /** Waits for the responses, or continues or disconnects at random. */
  async #pause(): Promise<void> {
    const pauses = [
      () => Promise.resolve(),
      () => new Promise(setImmediate),
      () => sleep(this.random.below(MAX_PAUSE_MS)),
      ...Array.from({ length: 5 }, () => () => this.#answer()),
    ];
    await this.random.pick(pauses)();
    this.#session ??= this.#found(/mcp-session-id: (\S+)/i);
  }

  /** Waits briefly for data on the connection of the last request. */
  async #answer(): Promise<void> {
    const line = this.#last;
    if (!line) return;
    const { connection, readBefore } = line;
    const isMissing = (): boolean => connection.isOpen && connection.text.length === readBefore;
    for (const end = performance.now() + MAX_WAIT_MS; isMissing() && performance.now() < end;) await sleep(1);
  }

  #found(pattern: RegExp): string | undefined {
    for (const { connection } of this.#lines) {
      const [, found] = pattern.exec(connection.text) ?? [];
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #send(method: string, path: string, headers: Headers, body = '', length = body.length): Connection {
    const line = this.#line();
    const all = {
      host: 'localhost',
      authorization: `Bearer ${this.token}`,
      accept: this.random.pick([
        'application/json, text/event-stream',
        'application/json',
        'text/event-stream',
      ]),
      ...(method === 'POST' && { 'content-type': 'application/json', 'content-length': String(length) }),
      ...headers,
    };
    const head = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
    line.requests++;
    // A pipelined request may never be answered.
    this.#last = line.requests === 1 ? line : undefined;
    line.readBefore = line.connection.text.length;
    line.connection.send([`${method} ${path} HTTP/1.1`, ...head, '', body].join('\r\n'));
    return line.connection;
  }

  /** Returns a new connection, or an earlier one for pipelining. */
  #line(): Line {
    const earlier = this.random.below(8) === 0 ? this.#lines.at(-1) : undefined;
    if (earlier?.connection.isOpen && earlier.requests < MAX_REQUESTS) return earlier;
    const line = { connection: this.connect(), requests: 0, readBefore: 0 };
    this.#lines.push(line);
    return line;
  }

  #request(): object {
    const id = 1 + this.random.below(3);
    const name = this.random.pick(RACING_TOOLS);
    const args = { ms: this.random.below(20) };
    const params = { name, arguments: args, _meta: { progressToken: id } };
    return { jsonrpc: '2.0', id, method: 'tools/call', params };
  }

  #message(): object {
    const requestId = 1 + this.random.below(3);
    return this.random.pick([
      this.#request(),
      this.#request(),
      this.#request(),
      { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } },
      { jsonrpc: '2.0', id: this.random.below(3), result: { action: 'accept', content: { sure: true } } },
      { jsonrpc: '2.0', method: 'notifications/initialized' },
    ]);
  }

  #modern(): void {
    const request = this.#request() as { method: string; params: { name: string; _meta: object } };
    Object.assign(request.params._meta, {
      ...MODERN_ENVELOPE,
      'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } },
    });
    const { name } = request.params;
    const encoded = `=?base64?${Buffer.from(name).toString('base64')}?=`;
    this.#send(
      'POST',
      '/mcp',
      {
        'mcp-protocol-version': MODERN,
        'mcp-method': this.random.pick([request.method, 'x']),
        'mcp-name': this.random.pick([name, encoded]),
      },
      JSON.stringify(request),
    );
  }

  #legacy(): void {
    const batch = [this.#message(), this.#message()];
    this.#send('POST', '/mcp', {}, JSON.stringify(this.random.pick([batch, this.#message()])));
  }

  #initialize(): void {
    this.#send('POST', '/mcp', {}, JSON.stringify(initialize('2025-11-25')));
  }

  #inSession(): void {
    if (this.#session === undefined) return this.#initialize();
    const batch = [this.#message(), this.#message()];
    const body = this.random.pick([batch, this.#message(), this.#message()]);
    const id = { 'mcp-session-id': this.#session };
    if (this.random.below(6) === 0) this.#send('GET', '/mcp', { ...id, accept: 'text/event-stream' });
    else this.#send('POST', '/mcp', id, JSON.stringify(body));
  }

  #endSession(): void {
    if (this.#session !== undefined) this.#send('DELETE', '/mcp', { 'mcp-session-id': this.#session });
  }

  #listen(): void {
    const params = { notifications: { toolsListChanged: true }, _meta: MODERN_ENVELOPE };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params });
    const headers = { 'mcp-protocol-version': MODERN, 'mcp-method': 'subscriptions/listen' };
    this.#send('POST', '/mcp', headers, body);
  }

  #openSse(): void {
    this.#sse = this.#send('GET', '/mcp/sse', { accept: 'text/event-stream' });
  }

  #onSse(): void {
    const [, path] = /data: (\S+sessionId=\S+)/.exec(this.#sse?.text ?? '') ?? [];
    if (path === undefined) return this.#openSse();
    const body = this.random.pick([initialize('2024-11-05'), this.#message(), this.#message()]);
    this.#send('POST', path, {}, JSON.stringify(body));
  }

  /** Sends a body that never ends. */
  #half(): void {
    this.#send('POST', '/mcp', {}, '{"jsonrpc":', 10_000);
    this.#last = undefined; // nothing answers it
  }
}

const initialize = (protocolVersion: string): object => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion,
    capabilities: { elicitation: {} },
    clientInfo: { name: 'test', version: '1' },
  },
});
