import { hasSubscribers } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, get, type IncomingHttpHeaders, type Server } from 'node:http';
import { inspect } from 'node:util';

import { Injectable, Logger, Module } from '@nestjs/common';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { InMemorySpanExporter, ReadableSpan } from '@opentelemetry/sdk-trace';
import { z } from 'zod';

import {
  type CallContext,
  configuredCredentials,
  fromOpenApi,
  McpResource,
  McpTool,
} from '../src/mcp/index.js';
import { Gauges } from '../src/observation/gauges.js';
import type { FailedCall, Observer } from '../src/observation/observer.js';
import type { Telemetry } from '../src/telemetry/start-telemetry.js';
import { OutageError } from '../src/tool-error.js';
import { listen } from '../src/values/listen.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { ERAS, message, MODERN, MODERN_ENVELOPE, post, postModern, toolCall } from './support/rpc.js';
import { documentedMetrics, metricOf } from './support/documented-metrics.js';
import { inMemoryTelemetry } from './support/in-memory-telemetry.js';
import { freePort } from './support/ports.js';
import { EventReader, initialize } from './support/sessions.js';
import { until } from './support/until.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const TRACEPARENT = `00-${TRACE}-${PARENT}-01`;
const SECRETS = /hunter\d|eyJ/;

const upstream: { url: string; headers: IncomingHttpHeaders; finish?: () => void } = { url: '', headers: {} };

@Injectable()
class UpstreamTools {
  readonly #logger = new Logger('UpstreamTools');

  @McpTool({
    name: 'upstream',
    scopes: ['usr:read'],
    description: 'Asks another service.',
    input: z.object({ secret: z.string() }),
  })
  async ask({ secret }: { secret: string }): Promise<string> {
    this.#logger.log('asking');
    await fetch(`${upstream.url}/?q=${secret}`);
    return secret;
  }

  @McpTool({
    name: 'older',
    scopes: ['usr:read'],
    description: 'Asks another service by node:http.',
    input: z.object({ secret: z.string(), url: z.string().optional() }),
  })
  older({ secret, url = upstream.url }: { secret: string; url?: string }): Promise<string> {
    return new Promise((resolve) => {
      get(`${url}/?q=${secret}`, (response) => void response.resume().on('end', () => resolve(secret))).on(
        'error',
        () => resolve('failed'),
      );
    });
  }

  @McpTool({ name: 'impatient', scopes: ['usr:read'], description: 'Asks a slow service, and gives up.' })
  async giveUp(): Promise<string> {
    const giving = new AbortController();
    setTimeout(() => giving.abort(new Error('hunter4')), 50);
    await fetch(`${upstream.url}/slow`, { signal: giving.signal }).catch(() => {});
    return 'gave up';
  }

  @McpTool({ name: 'patient', scopes: ['usr:read'], description: 'Ends when the test lets it.' })
  wait(): Promise<string> {
    return new Promise((resolve) => {
      upstream.finish = () => resolve('done');
    });
  }

  @McpResource({ uri: 'one://{id}', name: 'one', scopes: ['usr:read'], list: 'things' })
  one(): string {
    return 'one';
  }

  @McpResource({ uri: 'two://{id}', name: 'two', scopes: ['usr:read'], list: 'things' })
  two(): string {
    return 'two';
  }

  things(): never[] {
    return [];
  }

  @McpTool({ name: 'asking', scopes: ['usr:read'], description: 'Asks.' })
  async sure(_input: Record<string, never>, context: CallContext): Promise<string> {
    return (await context.elicit({ message: 'Sure?', schema: z.object({}) })).action;
  }

  @McpTool({ name: 'failing', scopes: ['usr:read'], description: 'Needs what does not work.' })
  fail(): never {
    throw new OutageError('The database is down.', 'database:unreachable');
  }

  @McpTool({ name: 'late', scopes: ['usr:read'], description: 'Does not end.', timeout: 50 })
  async late(_input: Record<string, never>, { signal }: CallContext): Promise<void> {
    await once(signal, 'abort');
  }

  @McpTool({ name: 'broken', scopes: ['usr:read'], description: 'Fails.' })
  break(): never {
    const cause = Object.assign(new Error('refused'), { request: { authorization: 'hunter9' } });
    throw Object.assign(new TypeError('hunter5', { cause }), { input: 'hunter9' });
  }
}

const imported = fromOpenApi({
  name: 'upstream',
  document: {
    openapi: '3.1.0',
    info: { title: 'Upstream', version: '1' },
    security: [{ key: [] }],
    components: { securitySchemes: { key: { type: 'apiKey', in: 'query', name: 'hunter6' } } },
    paths: {
      '/hunter6/{id}': {
        get: {
          operationId: 'find',
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
          responses: { 200: { description: 'OK' } },
        },
      },
    },
  },
  operations: { find: { name: 'imported', description: 'Asks.', scopes: ['usr:read'] } },
  useFactory: () => ({ baseUrl: upstream.url, credentials: configuredCredentials({ key: 'hunter7' }) }),
});

@Module({ imports: [imported], providers: [UpstreamTools] })
class UpstreamModule {}

describe('telemetry', () => {
  const tracker = { onUnexpectedError: jest.fn<void, [Error, FailedCall]>() } satisfies Observer;
  let telemetry: Telemetry;
  let exporter: InMemorySpanExporter;
  let aerie: Aerie;
  let other: Server;
  beforeAll(async () => {
    other = createServer((request, response) => {
      upstream.headers = request.headers;
      if (request.url !== '/slow') response.end('{}');
    });
    upstream.url = `http://127.0.0.1:${await listen(other)}`;
    ({ telemetry, exporter } = inMemoryTelemetry(1));
    aerie = await startAerie({
      observers: [...telemetry.observers, tracker],
      modules: [UpstreamModule],
      environment: { MCP_SESSIONS: 'on', MCP_SSE: 'on' },
    });
    telemetry.observe(aerie.application.get(Gauges, { strict: false }));
  });
  beforeEach(() => exporter.reset());
  afterAll(async () => {
    other.closeAllConnections();
    other.close();
    await aerie.close();
    await telemetry.stop();
  });

  /** Spans of the request that was just answered, the outermost last. */
  async function spansOf(response: Response, count: number): Promise<ReadableSpan[]> {
    await response.text();
    await until(() => exporter.getFinishedSpans().length >= count);
    return exporter.getFinishedSpans();
  }
  const named = (spans: readonly ReadableSpan[], name: string): ReadableSpan => {
    const span = spans.find((one) => one.name === name);
    if (!span) throw new Error(`There is no span ${name}, only ${spans.map((one) => one.name).join(', ')}.`);
    return span;
  };

  it.each(ERAS)(
    'has a span for the request and one below it for the call, in the era of %s',
    async (era, send) => {
      const token = await aerie.token();
      const spans = await spansOf(
        await send(aerie.url, token, toolCall('greet_user', { name: 'hunter2' })),
        2,
      );
      const [http, call] = [named(spans, 'POST /mcp'), named(spans, 'tools/call greet_user')];
      expect(call.parentSpanContext?.spanId).toBe(http.spanContext().spanId);
      expect(call.attributes).toMatchObject({
        'mcp.method.name': 'tools/call',
        'gen_ai.tool.name': 'greet_user',
        'gen_ai.operation.name': 'execute_tool',
        'aerie.outcome': 'ok',
        ...(era === MODERN && { 'mcp.protocol.version': MODERN }),
      });
      expect(http.attributes).toMatchObject({
        'http.request.method': 'POST',
        'http.response.status_code': 200,
        'http.route': new URL(aerie.url).pathname,
      });
    },
  );

  it('has no route for a path that strangers choose', async () => {
    const spans = await spansOf(await fetch(`${aerie.origin}/hunter2`), 1);
    expect(named(spans, 'GET').attributes).not.toHaveProperty(['http.route']);
    expect(await telemetry.metricsText()).not.toContain('hunter2');
  });

  it('continues the trace of the request in its log lines and in requests to other services', async () => {
    const token = await aerie.token();
    const call = message(toolCall('upstream', { secret: 'hunter3' }));
    const headers = { traceparent: TRACEPARENT, tracestate: 'name=hunter2', baggage: 'name=hunter2' };
    const spans = await spansOf(await post(aerie.url, token, call, headers), 4);
    const http = named(spans, 'POST /mcp');
    expect(http.parentSpanContext).toMatchObject({ traceId: TRACE, spanId: PARENT, isRemote: true });
    const outgoing = named(spans, 'GET');
    const handler = named(spans, 'handler');
    expect(handler.parentSpanContext?.spanId).toBe(named(spans, 'tools/call upstream').spanContext().spanId);
    expect(outgoing.parentSpanContext?.spanId).toBe(handler.spanContext().spanId);
    expect(upstream.headers['traceparent']).toBe(`00-${TRACE}-${outgoing.spanContext().spanId}-01`);
    expect(spans.map((span) => span.spanContext().traceState)).toEqual(spans.map(() => undefined));
    expect(upstream.headers).not.toHaveProperty('tracestate');
    expect(upstream.headers).not.toHaveProperty('baggage');
    const line = aerie.logs.find((text) => text.includes('"tool":"upstream"'));
    expect(line).toContain(`"trace_id":"${TRACE}"`);
  });

  it('continues the trace in requests of node:http, without their queries', async () => {
    const token = await aerie.token();
    const call = message(toolCall('older', { secret: 'hunter9' }));
    const spans = await spansOf(await post(aerie.url, token, call, { traceparent: TRACEPARENT }), 4);
    const outgoing = named(spans, 'GET');
    expect(outgoing.parentSpanContext?.spanId).toBe(named(spans, 'handler').spanContext().spanId);
    expect(upstream.headers['traceparent']).toBe(`00-${TRACE}-${outgoing.spanContext().spanId}-01`);
    expect(outgoing.attributes).toMatchObject({ 'url.full': upstream.url, 'http.response.status_code': 200 });
    expect(inspect(outgoing)).not.toMatch(SECRETS);
    exporter.reset();
    const closed = `http://127.0.0.1:${await freePort()}`;
    const failed = await spansOf(
      await post(aerie.url, token, message(toolCall('older', { secret: 'hunter9', url: closed }))),
      4,
    );
    expect(named(failed, 'GET').attributes).toMatchObject({
      'url.full': closed,
      'error.type': 'ECONNREFUSED',
    });
    expect(inspect(named(failed, 'GET'))).not.toMatch(SECRETS);
  });

  it('continues the trace in the request of an imported operation, without its secrets', async () => {
    const call = message(toolCall('imported', { id: 'hunter8' }));
    const spans = await spansOf(
      await post(aerie.url, await aerie.token(), call, { traceparent: TRACEPARENT }),
      4,
    );
    const outgoing = named(spans, 'GET');
    expect(outgoing.parentSpanContext?.spanId).toBe(named(spans, 'handler').spanContext().spanId);
    expect(upstream.headers['traceparent']).toBe(`00-${TRACE}-${outgoing.spanContext().spanId}-01`);
    expect(inspect(outgoing.attributes)).not.toMatch(SECRETS);
  });

  it('has a span for the verification of a new token, for the handler and for each query, below the request', async () => {
    const token = await aerie.token({ scope: 'todo:read' });
    const spans = await spansOf(await post(aerie.url, token, message(toolCall('list_todos'))), 5);
    const id = (name: string): string => named(spans, name).spanContext().spanId;
    expect(named(spans, 'verify token').parentSpanContext?.spanId).toBe(id('POST /mcp'));
    const query = named(spans, 'SELECT');
    expect(named(spans, 'handler').parentSpanContext?.spanId).toBe(id('tools/call list_todos'));
    expect(query.parentSpanContext?.spanId).toBe(id('handler'));
    expect(query.attributes).toEqual({ 'db.system.name': 'postgresql', 'db.operation.name': 'SELECT' });
  });

  it('continues the trace in _meta of a message, and links the request', async () => {
    const token = await aerie.token();
    const { params, ...call } = toolCall('greet_user', { name: 'x' });
    const _meta = { ...MODERN_ENVELOPE, traceparent: TRACEPARENT, tracestate: 'name=hunter2' };
    const response = await postModern(aerie.url, token, { ...call, params: { ...params, _meta } });
    const spans = await spansOf(response, 2);
    const span = named(spans, 'tools/call greet_user');
    expect(span.parentSpanContext).toMatchObject({ traceId: TRACE, spanId: PARENT });
    expect(span.spanContext().traceState).toBeUndefined();
    expect(span.links.map(({ context }) => context.spanId)).toEqual([
      named(spans, 'POST /mcp').spanContext().spanId,
    ]);
  });

  it.each([
    ['tools/list', {}],
    ['prompts/list', {}],
    ['resources/templates/list', {}],
    ['prompts/get', { name: 'no_such_prompt' }],
  ])('continues the trace in _meta of %s, which is no call', async (method, params) => {
    const token = await aerie.token();
    const _meta = { ...MODERN_ENVELOPE, traceparent: TRACEPARENT };
    const spans = await spansOf(
      await postModern(aerie.url, token, { method, params: { ...params, _meta } }),
      2,
    );
    const span = named(spans, method);
    expect(span.parentSpanContext).toMatchObject({ traceId: TRACE, spanId: PARENT });
    expect(span.links.map(({ context }) => context.spanId)).toEqual([
      named(spans, 'POST /mcp').spanContext().spanId,
    ]);
  });

  it.each([
    ['a list', message({ method: 'tools/list' }), 'tools/list', undefined],
    ['a method that the server lacks', message({ method: 'hunter/4' }), '_OTHER', 'unknown_method'],
    [
      'a call without the scope',
      message(toolCall('admin_tool')),
      'tools/call admin_tool',
      'insufficient_scope',
    ],
  ])('has a span for %s', async (_what, body, name, type) => {
    const spans = await spansOf(await post(aerie.url, await aerie.token(), body), 2);
    expect(named(spans, name).attributes['error.type']).toBe(type);
  });

  /** Number of measured messages with a method. */
  async function measured(method: string): Promise<number> {
    const lines = (await telemetry.metricsText()).split('\n');
    const counts = lines.filter((line) =>
      line.startsWith(`mcp_server_operation_duration_count{mcp_method_name="${method}"`),
    );
    return counts.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  it('has one span of the server and one measurement for a list of resources, whatever makes it', async () => {
    const before = await measured('resources/list');
    const list = message({ method: 'resources/list' });
    const spans = await spansOf(await post(aerie.url, await aerie.token(), list), 5);
    const ofServer = spans.filter(({ kind }) => kind === SpanKind.SERVER).map(({ name }) => name);
    expect(ofServer.toSorted()).toEqual(['POST /mcp', 'resources/list']);
    expect(await measured('resources/list')).toBe(before + 1);
  });

  it('has a span and a measurement for each message of a batch', async () => {
    const before = await measured('ping');
    const batch = [
      message(toolCall('greet_user', { name: 'x' })),
      message({ method: 'ping' }),
      message({ method: 'tools/list' }),
    ];
    const response = await post(
      aerie.url,
      await aerie.token(),
      batch.map((one, id) => ({ ...one, id })),
      {
        'mcp-protocol-version': '2025-03-26',
      },
    );
    const spans = await spansOf(response, 5);
    const http = named(spans, 'POST /mcp').spanContext().spanId;
    const messages = spans.filter(({ attributes }) => attributes['mcp.method.name'] !== undefined);
    expect(messages.map(({ name }) => name).toSorted()).toEqual([
      'ping',
      'tools/call greet_user',
      'tools/list',
    ]);
    expect(messages.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual([http, http, http]);
    expect(await measured('ping')).toBe(before + 1);
  });

  it('ends the span of a call that answers a question of another call', async () => {
    const token = await aerie.token();
    const _meta = {
      ...MODERN_ENVELOPE,
      'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } },
    };
    const round = async (name: string, further: object): Promise<unknown> =>
      (
        await postModern(aerie.url, token, {
          method: 'tools/call',
          params: { name, arguments: {}, _meta, ...further },
        })
      ).json();
    const asked = await round('asking', {});
    expect(asked).toMatchObject({ result: { requestState: expect.any(String) } });
    exporter.reset();
    const { requestState } = z.object({ result: z.object({ requestState: z.string() }) }).parse(asked).result;
    expect(await round('broken', { requestState })).toMatchObject({ error: { code: -32_602 } });
    await until(() => exporter.getFinishedSpans().length >= 2);
    expect(named(exporter.getFinishedSpans(), 'tools/call broken').attributes).toMatchObject({
      'error.type': 'wrong_state',
    });
  });

  it('marks a failure of the server as an error, and a mistake of the caller not', async () => {
    const token = await aerie.token();
    const broken = await spansOf(await post(aerie.url, token, message(toolCall('broken'))), 2);
    expect(named(broken, 'tools/call broken').status.code).toBe(2);
    exporter.reset();
    const wrong = message(toolCall('greet_user', { name: 7 }));
    const invalid = await spansOf(await post(aerie.url, token, wrong), 2);
    const span = named(invalid, 'tools/call greet_user');
    expect([span.status.code, span.attributes['error.type']]).toEqual([0, 'invalid_input']);
  });

  it.each([
    ['failing', 'database:unreachable'],
    ['late', 'timeout'],
  ])('marks a call as an error when the tool is %s: %s', async (tool, reason) => {
    const spans = await spansOf(await post(aerie.url, await aerie.token(), message(toolCall(tool))), 3);
    const { status, attributes } = named(spans, `tools/call ${tool}`);
    expect([status.code, attributes['error.type']]).toEqual([SpanStatusCode.ERROR, reason]);
  });

  it('has no status of a request whose client disconnects before the answer', async () => {
    const leaving = new AbortController();
    const call = message(toolCall('patient'));
    const posted = post(aerie.url, await aerie.token(), call, {}, leaving.signal);
    await until(() => upstream.finish !== undefined);
    leaving.abort();
    await expect(posted).rejects.toThrow();
    await until(() => exporter.getFinishedSpans().some(({ name }) => name === 'POST /mcp'));
    upstream.finish?.();
    const { attributes, status } = named(exporter.getFinishedSpans(), 'POST /mcp');
    expect([attributes['http.response.status_code'], attributes['error.type']]).toEqual([
      undefined,
      'aborted',
    ]);
    expect(status.code).toBe(SpanStatusCode.UNSET);
    expect(await telemetry.metricsText()).toMatch(
      /^http_server_request_duration_count\{http_request_method="POST",http_route="[^"]+",error_type="aborted",url_scheme="http"\} 1$/m,
    );
  });

  it('reports the unexpected errors of handlers, without their other members', async () => {
    const token = await aerie.token();
    const responses = [
      await post(aerie.url, token, message(toolCall('broken'))),
      await post(aerie.url, token, message(toolCall('greet_user', { name: 7 }))),
    ];
    const [text = ''] = await Promise.all(responses.map((response) => response.text()));
    expect(tracker.onUnexpectedError).toHaveBeenCalledTimes(1);
    const [[error, call] = []] = tracker.onUnexpectedError.mock.calls;
    expect(error).toMatchObject({ name: 'TypeError', message: 'hunter5', cause: { message: 'refused' } });
    expect(error?.stack).toContain('UpstreamTools.break');
    expect(inspect(error)).not.toContain('hunter9');
    expect(call).toEqual({
      kind: 'tool',
      name: 'broken',
      requestId: responses[0]?.headers.get('x-request-id'),
      correlationId: /Correlation id: ([\w-]+)/.exec(text)?.[1],
    });
  });

  it('measures calls and refusals with bounded labels', async () => {
    await post(aerie.url, undefined, message(toolCall('greet_user')));
    for (const org of ['org_acme', 'org_globex']) {
      const token = await aerie.token({ claims: { oid: org } });
      await (await post(aerie.url, token, message(toolCall('greet_user', { name: 'x' })))).text();
    }
    await until(async () => (await telemetry.metricsText()).includes('_OTHER'));
    const text = await telemetry.metricsText();
    expect(text).toMatch(/^aerie_refusals_total\{reason="missing_token"\} \d+$/m);
    expect(text).toMatch(
      /^mcp_server_operation_duration_count\{mcp_method_name="tools\/call",gen_ai_tool_name="greet_user".*\} \d+$/m,
    );
    expect(text).toMatch(/^aerie_call_duration_count\{.*outcome="ok",aerie_organization="org_acme"\} \d+$/m);
    expect(text).toMatch(/^aerie_call_duration_count\{.*outcome="ok",aerie_organization="_OTHER"\} \d+$/m);
    expect(text).toMatch(/^aerie_calls_in_flight 0$/m);
    expect(text).not.toContain('org_globex');
  });

  it('measures keys, revocations and the token cache', async () => {
    const token = await aerie.token();
    for (const _time of [1, 2]) await (await post(aerie.url, token, message({ method: 'ping' }))).text();
    const text = await telemetry.metricsText();
    const issuer = `{issuer="${aerie.issuer.url}"}`;
    for (const series of [`aerie_signing_keys_age${issuer}`, 'aerie_revocations_age']) {
      expect(Number(text.split(`\n${series} `)[1]?.split('\n')[0])).toBeLessThan(60);
    }
    expect(text).toContain(`\naerie_signing_keys_max_age${issuer} 600`);
    expect(text).toContain(`\naerie_issuer_unreachable${issuer} 0`);
    expect(text).toMatch(/^aerie_token_cache_entries [1-9]/m);
    expect(text).toMatch(/^aerie_token_cache_(hits|misses)_total [1-9]/m);
    expect(text).toMatch(/^aerie_token_verifications_total\{result="ok"\} [1-9]/m);
    const foreign = await aerie.token({ claims: { aud: ['https://other.example'] } });
    await (await post(aerie.url, foreign, message({ method: 'ping' }))).text();
    expect(await telemetry.metricsText()).toContain(
      '\naerie_token_verifications_total{result="wrong_audience"} 1\n',
    );
  });

  it('measures bytes of event streams, and the busiest address and organization without their names', async () => {
    const sent = async (): Promise<number> =>
      Number(/^aerie_streams_bytes_total (\d+)$/m.exec(await telemetry.metricsText())?.[1]);
    const before = await sent();
    const response = await postModern(aerie.url, await aerie.token(), {
      method: 'subscriptions/listen',
      params: { notifications: { toolsListChanged: true } },
    });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const reader = response.body?.getReader();
    await reader?.read();
    expect(await sent()).toBeGreaterThan(before + 100);
    await reader?.cancel();
    const text = await telemetry.metricsText();
    expect(text).toMatch(/^aerie_busiest_address_requests \d+$/m);
    expect(text).toMatch(/^aerie_busiest_organization_calls \d+$/m);
    expect(text).not.toContain('127.0.0.1');
  });

  it('counts event streams, but not sessions without a stream', async () => {
    const gauge = async (name: string): Promise<number> =>
      Number(new RegExp(`^aerie_${name} (\\d+)$`, 'm').exec(await telemetry.metricsText())?.[1]);
    await until(async () => (await gauge('streams')) === 0);
    const token = await aerie.token();
    const sessions = await gauge('sessions');
    const answer = await post(aerie.url, token, initialize('2025-11-25'));
    await answer.text();
    expect([await gauge('sessions'), await gauge('streams')]).toEqual([sessions + 1, 0]);
    const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' };
    const open = async (url: string, further: Record<string, string> = {}): Promise<AbortController> => {
      const opened = new AbortController();
      await fetch(url, { headers: { ...headers, ...further }, signal: opened.signal });
      return opened;
    };
    const opened = [
      await open(aerie.url, { 'mcp-session-id': answer.headers.get('mcp-session-id') ?? '' }),
      await open(`${aerie.url}/sse`),
    ];
    expect(await gauge('streams')).toBe(2);
    for (const each of opened) each.abort();
    await until(async () => (await gauge('streams')) === 0);
  });

  it('has only labels that docs/observability.md names', async () => {
    const documented = documentedMetrics();
    const unknown = [...(await telemetry.metricsText()).matchAll(/^(\w+)\{(.*)\} \S+$/gm)].flatMap(
      ([, series = '', labels = '']) =>
        [...labels.matchAll(/(\w+)="(?:\\.|[^"\\])*"/g)]
          .map(([, label = '']) => label)
          .filter((label) => label !== 'le' && !documented.get(metricOf(series))?.has(label))
          .map((label) => `${metricOf(series)} ${label}`),
    );
    expect([...new Set(unknown)]).toEqual([]);
  });

  it('has a revision and a session only if they look like one, because no way to serve a request checks both', async () => {
    const token = await aerie.token();
    const call = toolCall('greet_user', { name: 'hunter2' });
    const odd = { 'mcp-session-id': `Bearer ${token}` };
    const id = 'test-4bf92f35-77b3-4da6-a3ce-929d0e0e4736';
    const attributesOf = async (response: Response, name: string): Promise<object> => {
      const { attributes } = named(await spansOf(response, 2), name);
      exporter.reset();
      return attributes;
    };
    const span = 'tools/call greet_user';
    for (const headers of [odd, { 'mcp-session-id': id.replace('test', 'hunter2') }]) {
      expect(await attributesOf(await postModern(aerie.url, token, call, headers), span)).not.toHaveProperty([
        'mcp.session.id',
      ]);
    }
    const list = message({ method: 'tools/list' });
    expect(await attributesOf(await post(aerie.url, token, list, odd), 'tools/list')).not.toHaveProperty([
      'mcp.session.id',
    ]);
    expect(
      await attributesOf(await postModern(aerie.url, token, call, { 'mcp-session-id': id }), span),
    ).toMatchObject({ 'mcp.session.id': id, 'mcp.protocol.version': MODERN });

    const stream = new EventReader(
      await fetch(`${aerie.url}/sse`, { headers: { authorization: `Bearer ${token}` } }),
    );
    const messages = new URL((await stream.next())?.data ?? '', aerie.url).href;
    const revision = { 'mcp-protocol-version': `Bearer ${token}` };
    expect(
      await attributesOf(await post(messages, token, initialize('2024-11-05'), revision), 'initialize'),
    ).not.toHaveProperty(['mcp.protocol.version']);
    await stream.abandon();
    await until(() => exporter.getFinishedSpans().some(({ name }) => name === 'GET /mcp/sse'));
  });

  it('has no argument, result, query, token or text of an error', async () => {
    const token = await aerie.token();
    for (const call of [
      toolCall('upstream', { secret: 'hunter6' }),
      toolCall('broken'),
      toolCall('impatient'),
      toolCall('hunter7'),
    ]) {
      await (await post(`${aerie.url}?q=hunter8`, token, message(call))).text();
    }
    await until(() => exporter.getFinishedSpans().length >= 9);
    expect(exporter.getFinishedSpans().filter(({ name }) => name === 'GET')).toHaveLength(2);
    const spans = exporter.getFinishedSpans().map(({ name, attributes, status, events, links }) => ({
      name,
      attributes,
      status,
      events,
      links,
    }));
    expect(JSON.stringify(spans)).not.toMatch(SECRETS);
    expect(await telemetry.metricsText()).not.toMatch(SECRETS);
    expect(JSON.stringify(spans)).not.toContain(token);
  });
});

describe('telemetry that has stopped', () => {
  it('no longer listens to outgoing requests', () => {
    expect(hasSubscribers('undici:request:create')).toBe(false);
  });
});
