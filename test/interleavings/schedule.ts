import { setTimeout as sleep } from 'node:timers/promises';

import { MODERN, MODERN_ENVELOPE } from '../support/rpc.js';
import type { Connect, Connection } from './connection.js';
import { RACING_TOOLS } from './racing.tools.js';
import type { Random } from './random.js';

/** Maximum steps of one schedule. */
const MAX_STEPS = 12;

type Headers = Readonly<Record<string, string>>;

/** Everything that one client does, step by step and at random. */
export class Schedule {
  readonly #connections: Connection[] = [];
  #session: string | undefined;
  #sse: Connection | undefined;

  constructor(
    private readonly random: Random,
    private readonly connect: Connect,
    private readonly token: string,
  ) {}

  /** @param interrupt is called once, before one of the steps */
  async run(interrupt?: () => void): Promise<void> {
    const steps = 1 + this.random.below(MAX_STEPS);
    const interruptedAt = this.random.below(steps);
    for (let step = 0; step < steps; step++) {
      if (step === interruptedAt) interrupt?.();
      this.#step();
      await this.#pause();
    }
    for (const connection of this.#connections) connection.close();
  }

  #step(): void {
    const steps = [
      () => this.#modern(),
      () => this.#legacy(),
      () => this.#initialize(),
      () => this.#inSession(),
      () => this.#inSession(),
      () => this.#endSession(),
      () => this.#listen(),
      () => this.#openSse(),
      () => this.#onSse(),
      () => this.#half(),
      () => this.#connections[this.random.below(this.#connections.length + 1)]?.close(),
    ];
    this.random.pick(steps)();
  }

  async #pause(): Promise<void> {
    const kind = this.random.below(4);
    if (kind === 1) await new Promise(setImmediate);
    else if (kind === 2) await sleep(1);
    else if (kind === 3) await Promise.resolve();
    this.#session ??= this.#found(/mcp-session-id: (\S+)/i);
  }

  #found(pattern: RegExp): string | undefined {
    for (const { text } of this.#connections) {
      const [, found] = pattern.exec(text) ?? [];
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #send(method: string, path: string, headers: Headers, body = '', length = body.length): Connection {
    const connection = this.#connection();
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
    connection.send([`${method} ${path} HTTP/1.1`, ...head, '', body].join('\r\n'));
    return connection;
  }

  /** A new connection, or an earlier one, on which the request is then pipelined. */
  #connection(): Connection {
    const earlier = this.random.below(4) === 0 ? this.#connections.at(-1) : undefined;
    if (earlier) return earlier;
    const connection = this.connect();
    this.#connections.push(connection);
    return connection;
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
    if (this.#session === undefined) return;
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
    if (path === undefined) return;
    const body = this.random.pick([initialize('2024-11-05'), this.#message(), this.#message()]);
    this.#send('POST', path, {}, JSON.stringify(body));
  }

  /** A body that never ends. */
  #half(): void {
    this.#send('POST', '/mcp', {}, '{"jsonrpc":', 50_000);
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
