import { once } from 'node:events';
import { createServer, maxHeaderSize } from 'node:http';

import { Controller, Get, Module, NotFoundException, Param } from '@nestjs/common';
import { SpanKind } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

import { AuditObserver } from '../src/audit/audit-observer.js';
import { AuditTrail } from '../src/audit/audit-trail.js';
import { SinkQueue } from '../src/audit/sink-queue.js';
import { AerieModule } from '../src/aerie.module.js';
import { fromEnvironment } from '../src/index.js';
import { ExposeAsTool } from '../src/mcp/index.js';
import { AerieTest } from '../src/testing/index.js';
import { listen } from '../src/values/listen.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { inMemoryTelemetry } from './support/in-memory-telemetry.js';
import { ProbingController, seen } from './support/shop/probing.controller.js';
import { until } from './support/until.js';

const ALICE = { subject: 'alice', organization: 'acme' };

describe('a controller as a tool', () => {
  let aerie: AerieTest;
  const reached: unknown[] = [];
  beforeAll(async () => {
    aerie = await AerieTest.start(async (variables) => {
      const { NestFactory } = await import('@nestjs/core');
      const staff = { ...variables, RESOURCE_URL: `${variables['RESOURCE_URL']}/staff` };
      @Module({
        imports: [
          AerieModule.forRoot(fromEnvironment({ ...variables, RESULT_LIMIT: '64kb' }), {
            requestUser: ({ subject }) => Promise.resolve({ name: subject }),
          }),
          AerieModule.forRoot(fromEnvironment(staff), { endpoint: 'staff' }),
        ],
        controllers: [ProbingController],
      })
      class Root {}
      return NestFactory.create(Root, { logger: false });
    });
    for (const event of ['mine', 'probe', 'scoped', 'staff']) seen.on(event, () => reached.push(event));
  });
  beforeEach(() => (reached.length = 0));
  afterAll(async () => {
    seen.removeAllListeners();
    await aerie.close();
  });

  it('reaches no other route whose path the arguments match', async () => {
    const result = await aerie.as(ALICE).callTool('probe', { id: 'mine' });
    expect(result).toMatchObject({
      isError: true,
      text: expect.stringContaining('another route') as unknown,
    });
    expect(reached).toEqual([]);
  });

  it('refuses arguments that the router reads as others', async () => {
    const read = await aerie.as(ALICE).callTool('report', { tenant: 'acme', format: 'csv' });
    expect(JSON.parse(read.text)).toEqual({ tenant: 'acme', format: 'csv' });
    reached.length = 0;
    const result = await aerie.as(ALICE).callTool('report', { tenant: 'acme', format: 'globex.csv' });
    expect(result).toMatchObject({
      isError: true,
      text: expect.stringContaining('another route') as unknown,
    });
    expect(reached).toEqual([]);
  });

  it.each(['', '.', '..', 'a/b', '../mcp', 'a\\b', '%2e%2e', '..%2Fmcp', 'x%5cy', '\ud800', { a: 1 }, ['a']])(
    'refuses %j as a part of the path',
    async (id) => {
      const result = await aerie.as(ALICE).callTool('probe', { id });
      expect(result).toMatchObject({ isError: true, text: expect.stringContaining('- id: ') as unknown });
      expect(reached).toEqual([]);
    },
  );

  it.each(['../../mcp', '/mcp', 'a//b', 'a/./b', 'a/%2e%2e/b'])(
    'refuses %j as the rest of the path',
    async (path) => {
      const result = await aerie.as(ALICE).callTool('probe_below', { path });
      expect(result.isError).toBe(true);
      expect(reached).toEqual([]);
    },
  );

  it('makes the request anew: only the named headers, and no token', async () => {
    const { text } = await aerie.as(ALICE).callTool('headers', { 'x-tenant': 'acme', authorization: 'x' });
    const { 'x-tenant': tenant, ...others }: Record<string, string> = JSON.parse(text);
    expect(tenant).toBe('acme');
    expect(Object.keys(others).toSorted()).toEqual(['accept', 'accept-encoding', 'host', 'x-request-id']);
  });

  it('refuses a header that would add another one', async () => {
    const result = await aerie.as(ALICE).callTool('headers', { 'x-tenant': 'acme\r\nx-admin: yes' });
    expect(result).toMatchObject({ isError: true, text: expect.stringContaining('x-tenant') as unknown });
  });

  it('refuses a request that would be too long over HTTP', async () => {
    const result = await aerie.as(ALICE).callTool('probe', { id: 'x'.repeat(maxHeaderSize) });
    expect(result).toMatchObject({ isError: true, text: expect.stringContaining('too long') as unknown });
    expect(reached).toEqual([]);
  });

  it('awaits the user of the application', async () => {
    const { text } = await aerie.as(ALICE).callTool('user');
    expect(JSON.parse(text)).toEqual({ user: { name: 'alice' } });
  });

  it('has no result if the handler destroys the response', async () => {
    const result = await aerie.as(ALICE).callTool('destroyed');
    expect(result).toMatchObject({ isError: true, text: expect.stringContaining('failed') as unknown });
  });

  it('shows the handler a cancelled call as a client that disconnects', async () => {
    const controller = new AbortController();
    const waiting = once(seen, 'waiting');
    const left = once(seen, 'left');
    const call = aerie.as(ALICE).callTool('wait', {}, { signal: controller.signal });
    await waiting;
    controller.abort();
    await expect(call).rejects.toThrow();
    expect(await left).toEqual([true]);
  });

  it('stops to read a response that exceeds the limit', async () => {
    const closed = once(seen, 'closed');
    const result = await aerie.as(ALICE).callTool('endless');
    expect(result).toMatchObject({ isError: true, text: expect.stringContaining('too large') as unknown });
    await closed;
  });

  it('needs the scopes of the tool, whatever the route allows', async () => {
    await expect(aerie.as(ALICE).callTool('needs_scope')).rejects.toThrow(/data:read/);
    expect(reached).toEqual([]);
    expect((await aerie.as({ ...ALICE, scopes: ['data:read'] }).callTool('needs_scope')).text).toBe('data');
  });

  it('gives no access to a route that needs a token of another endpoint', async () => {
    const result = await aerie.as(ALICE).callTool('for_staff');
    expect(result.isError).toBe(true);
    expect(reached).toEqual([]);
  });

  it('leaves requests over sockets as they are', async () => {
    await aerie.as(ALICE).callTool('probe', { id: 'one' });
    const response = await aerie.fetch(new URL('/probes/two', aerie.url));
    expect([response.status, await response.json()]).toEqual([200, { id: 'two' }]);
  });
});

const upstream = { url: '', trace: '' };

@Controller('letters')
class LettersController {
  @Get(':id')
  @ExposeAsTool({ name: 'letter', description: 'Reads a letter.', scopes: 'authenticated' })
  async letter(@Param('id') id: string): Promise<object> {
    await fetch(upstream.url);
    if (id === 'lost') throw new NotFoundException();
    return { id };
  }
}

describe('a controller as a tool of our deployment', () => {
  const done = (): Promise<void> => Promise.resolve();
  const handlers = { onFailure: done, onRecovery: done, onLoss: done };
  const trail = new AuditTrail('test', [
    new SinkQueue({ name: 'test', write: done, close: done }, 'drop', handlers),
  ]);
  const { telemetry, exporter } = inMemoryTelemetry();
  const other = createServer(({ headers }, response) => {
    upstream.trace = String(headers['traceparent']).slice(3, 35);
    response.end();
  });
  let aerie: Aerie;
  beforeAll(async () => {
    upstream.url = `http://127.0.0.1:${await listen(other)}`;
    @Module({ controllers: [ProbingController, LettersController] })
    class Probes {}
    aerie = await startAerie({
      modules: [Probes],
      environment: { MAX_CALLS_IN_FLIGHT_PER_CALLER: '1', TRUSTED_PROXIES: 'loopback' },
      observers: [...telemetry.observers, new AuditObserver(trail, () => undefined, undefined, false)],
    });
  });
  afterAll(async () => {
    await aerie.close();
    await telemetry.stop();
    await trail.close();
    other.closeAllConnections();
    other.close();
  });

  it.each(['kept', 'lost'])('is observed as one call, and its request not again: %s', async (id) => {
    const client = aerie.as(ALICE);
    await client.callTool('probe', { id: 'first' });
    exporter.reset();
    const record = jest.spyOn(trail, 'record');
    const length = aerie.logs.length;
    const { isError } = await client.callTool('letter', { id });
    expect(isError ?? false).toBe(id === 'lost');
    const named = (name: string): ReadableSpan[] =>
      exporter.getFinishedSpans().filter((span) => span.name === name);
    await until(() => named('tools/call letter').length === 1 && aerie.logs.length > length);
    const traces = new Set(exporter.getFinishedSpans().map((span) => span.spanContext().traceId));
    expect([...traces]).toEqual([upstream.trace]);
    expect(named('GET').map(({ kind }) => kind)).toEqual([SpanKind.CLIENT]);
    const outcome = id === 'lost' ? 'failure' : 'success';
    expect(record.mock.calls.map(([fields]) => [fields.event, fields.outcome])).toEqual([
      ['tool.call', outcome],
    ]);
    const lines = aerie.logs.slice(length).filter((line) => line.includes('"requestId"'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('/letters/');
  });

  it('has the host that a trusted proxy forwards', async () => {
    const response = await fetch(`${aerie.origin}/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await aerie.token()}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'x-forwarded-host': 'acme.example.com',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'headers', arguments: {} },
      }),
    });
    expect(await response.text()).toContain('\\"host\\":\\"acme.example.com\\"');
  });

  it('gives back the place of a cancelled call whose handler answers with a stream', async () => {
    const controller = new AbortController();
    const waiting = once(seen, 'waiting');
    const closed = once(seen, 'source closed');
    const call = aerie.as(ALICE).callTool('late_file', {}, { signal: controller.signal });
    await waiting;
    controller.abort();
    await expect(call).rejects.toThrow();
    await closed;
    expect((await aerie.as(ALICE).callTool('probe', { id: '8' })).text).toBe('{"id":"8"}');
  });
});
