import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { Injectable, Module } from '@nestjs/common';
import { z } from 'zod';

import { CallsInFlight } from '../src/limits/calls-in-flight.js';
import { KeptBytes } from '../src/limits/kept-bytes.js';
import { type CallContext, McpTool } from '../src/mcp/index.js';
import { OpenStreams } from '../src/mcp/events/open-streams.js';
import { StuckHandlers } from '../src/mcp/invocation/stuck-handlers.js';
import { McpSessions } from '../src/mcp/sessions/mcp-sessions.js';
import { SessionRegistry } from '../src/mcp/sessions/session-registry.js';
import { Admission } from '../src/mcp/transport/admission.js';
import { Listeners } from '../src/mcp/transport/listeners.js';
import { MemoryConnection } from './interleavings/memory-connection.js';
import { Random } from './interleavings/random.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { MODERN, MODERN_ENVELOPE } from './support/rpc.js';
import { until } from './support/sessions.js';

/** `npm run test:interleavings` runs 100,000. */
const SCHEDULES = Number(process.env['SCHEDULES'] ?? 300);
const SEED = Number(process.env['SEED'] ?? 1);
/** Steps of one schedule, at most. */
const STEPS = 12;

const base = { description: 'x', scopes: 'authenticated', annotations: { readOnlyHint: true } } as const;
const input = z.object({ ms: z.number() });

@Injectable()
class RacingTools {
  @McpTool({ ...base, name: 'quick' })
  quick(): string {
    return 'done';
  }

  @McpTool({ ...base, name: 'obedient', input, timeout: 15 })
  async obedient({ ms }: { ms: number }, { signal }: CallContext): Promise<string> {
    await sleep(ms, undefined, { signal });
    return 'done';
  }

  @McpTool({ ...base, name: 'deaf', input, timeout: 5 })
  async deaf({ ms }: { ms: number }, context: CallContext): Promise<string> {
    await sleep(ms);
    await context.progress(1);
    await context.log('info', 'too late, perhaps');
    return 'done';
  }

  @McpTool({ ...base, name: 'asking', timeout: 50 })
  async asking(_input: object, context: CallContext): Promise<string> {
    const { action } = await context.elicit({
      message: 'Go on?',
      schema: z.object({ sure: z.boolean() }),
    });
    return action;
  }
}

@Module({ providers: [RacingTools] })
class RacingModule {}

type Headers = Readonly<Record<string, string>>;

/** What one client does in one schedule, step by step and at random. */
class Schedule {
  readonly #connections: MemoryConnection[] = [];
  #session: string | undefined;
  #sse: MemoryConnection | undefined;

  constructor(
    private readonly random: Random,
    private readonly server: Server,
    private readonly token: string,
  ) {}

  async run(): Promise<void> {
    const steps = 1 + this.random.below(STEPS);
    for (let step = 0; step < steps; step++) {
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

  #send(method: string, path: string, headers: Headers, body = '', length = body.length): MemoryConnection {
    const connection = new MemoryConnection(this.server);
    this.#connections.push(connection);
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

  #request(): object {
    const id = 1 + this.random.below(3);
    const name = this.random.pick(['quick', 'obedient', 'deaf', 'asking']);
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

/** What is still held, by what holds it. */
function heldBy({ application }: Aerie): Record<string, number> {
  const get = application.get.bind(application);
  return {
    places: get(CallsInFlight).taken,
    bytes: get(Admission).heldBytes,
    sessions: get(SessionRegistry).size,
    events: get(McpSessions).keptEvents,
    listeners: get(Listeners).size,
    streams: get(OpenStreams).size,
    keptBytes: get(KeptBytes).taken,
    stuck: get(StuckHandlers).size,
  };
}

describe('requests, cancellations, disconnects and ends in any order', () => {
  let aerie: Aerie;
  let tokens: string[];
  beforeAll(async () => {
    aerie = await startAerie({
      modules: [RacingModule],
      environment: {
        MCP_SESSIONS: 'on',
        MCP_SSE: 'on',
        SESSION_IDLE_TIMEOUT: '300ms',
        MAX_SESSIONS_PER_CALLER: '5',
      },
    });
    const callers = Array.from({ length: 20 }, (_none, index) => ({
      sub: `usr_${index}`,
      oid: `org_${index}`,
    }));
    tokens = await Promise.all(callers.map((claims) => aerie.token({ claims })));
  });
  afterAll(() => aerie.close());

  it(
    `leave nothing behind, in ${SCHEDULES} schedules`,
    async () => {
      const server: Server = aerie.application.getHttpServer();
      for (let first = 0; first < SCHEDULES; first += tokens.length) {
        await Promise.all(
          tokens.map((token, index) => new Schedule(new Random(SEED + first + index), server, token).run()),
        );
      }
      const isEmpty = (): boolean => Object.values(heldBy(aerie)).every((held) => held === 0);
      await until(isEmpty, 5_000).catch(() => {});
      expect(heldBy(aerie)).toEqual(Object.fromEntries(Object.keys(heldBy(aerie)).map((name) => [name, 0])));
    },
    60_000 + SCHEDULES * 20,
  );
});
