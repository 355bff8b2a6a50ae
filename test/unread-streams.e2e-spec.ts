import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { Injectable, Module } from '@nestjs/common';
import { z } from 'zod';

import { CallsInFlight } from '../src/limits/calls-in-flight.js';
import { type CallContext, McpTool } from '../src/mcp/index.js';
import { Admission } from '../src/mcp/admission/admission.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { MODERN, MODERN_ENVELOPE, postModern, resultText, toolCall } from './support/rpc.js';
import { until } from './support/until.js';

const NOTIFICATIONS = 40;
const SIZE = 200_000;
/** Budget of each caller for bytes in memory. */
const BUDGET_MB = 4;
/** Number of calls that together may leave more unread than the budget. */
const FLOODS = 10;

let written = 0;
/** Ends the calls of `flood`. */
let ending = Promise.resolve();

@Injectable()
class NoisyTools {
  @McpTool({
    name: 'noisy',
    description: 'Reports its progress at length.',
    scopes: 'authenticated',
    input: z.object({}),
  })
  async noisy(_input: object, context: CallContext): Promise<string> {
    for (let step = 1; step <= NOTIFICATIONS; step++) {
      await context.progress(step, NOTIFICATIONS, 'x'.repeat(SIZE));
    }
    written++;
    return 'done';
  }

  @McpTool({
    name: 'flood',
    description: 'Logs more than the buffers of a connection hold, and then waits.',
    scopes: 'authenticated',
    input: z.object({}),
  })
  async flood(_input: object, context: CallContext): Promise<string> {
    for (let step = 1; step <= 2 * NOTIFICATIONS; step++) {
      await context.progress(step, undefined, 'x'.repeat(SIZE));
      await nextTurn();
    }
    written++;
    await ending;
    return 'done';
  }
}

@Module({ providers: [NoisyTools] })
class NoisyModule {}

const encoded = (name: string): string => `=?base64?${Buffer.from(name).toString('base64')}?=`;
const paramsOf = (name: string): Record<string, unknown> => ({
  name,
  arguments: {},
  _meta: { ...MODERN_ENVELOPE, progressToken: 1 },
});

/** Requests of the fast path, and requests that only the SDK's own handler supports. */
describe.each([
  ['a request of the fast path', (name: string) => name],
  ['a request with an encoded header', encoded],
])('an event stream that nobody reads, of %s', (_which, headerOf) => {
  const name = headerOf('noisy');
  const params = paramsOf('noisy');
  let aerie: Aerie;
  let token: string;
  const sockets: Socket[] = [];
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  beforeAll(async () => {
    process.on('warning', onWarning);
    const environment = { BODY_LIMIT: '1mb', MAX_BODY_BYTES_PER_CALLER: `${BUDGET_MB}mb` };
    aerie = await startAerie({ modules: [NoisyModule], environment });
    token = await aerie.token();
  });
  afterAll(async () => {
    process.off('warning', onWarning);
    sockets.forEach((socket) => socket.destroy());
    await aerie.close();
  });

  function callUnread(tool = 'noisy'): void {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: paramsOf(tool) });
    const socket = connect(Number(new URL(aerie.url).port), '127.0.0.1');
    sockets.push(socket.on('error', () => undefined).pause());
    const headers = {
      host: 'localhost',
      authorization: `Bearer ${token}`,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'content-length': body.length,
      'mcp-protocol-version': MODERN,
      'mcp-method': 'tools/call',
      'mcp-name': headerOf(tool),
    };
    const lines = Object.entries(headers).map(([header, value]) => `${header}: ${value}\r\n`);
    socket.write(`POST /mcp HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
  }

  it('drops notifications, releases its call and memory, and leaves no listeners', async () => {
    const before = written;
    for (let call = 0; call < 5; call++) callUnread();
    await until(() => written === before + 5);
    expect(aerie.application.get(Admission).heldBytes).toBeLessThan(5 * (1024 ** 2 + 2 * SIZE));
    await until(() => aerie.application.get(CallsInFlight).taken === 0);
    expect(aerie.application.get(Admission).heldBytes).toBe(0);
    expect(warnings).toEqual([]);
  });

  it('takes no more memory than the budget of its caller while the calls run', async () => {
    const responses: ServerResponse[] = [];
    const onRequest = (_request: unknown, response: ServerResponse): void => void responses.push(response);
    const server = aerie.application.getHttpServer().on('request', onRequest);
    let end = (): void => {};
    ending = new Promise((resolve) => (end = resolve));
    try {
      const before = written;
      for (let call = 0; call < FLOODS; call++) callUnread('flood');
      await until(() => written === before + FLOODS);
      const unread = responses.reduce((sum, { writableLength }) => sum + writableLength, 0);
      const held = aerie.application.get(Admission).heldBytes;
      expect(unread).toBeGreaterThan((BUDGET_MB / 2) * 1024 ** 2);
      expect(unread).toBeLessThan((BUDGET_MB + 1) * 1024 ** 2);
      expect(held).toBeLessThanOrEqual(BUDGET_MB * 1024 ** 2);
      expect(held).toBeGreaterThan(unread - 1024 ** 2);
    } finally {
      end();
      server.off('request', onRequest);
      sockets.splice(0).forEach((socket) => socket.destroy());
    }
    await until(() => aerie.application.get(Admission).heldBytes === 0);
  });

  it('ends with the response for a client that reads', async () => {
    const response = await postModern(
      aerie.url,
      token,
      { method: 'tools/call', params },
      { 'mcp-name': name },
    );
    const messages = (await response.text()).match(/^data: .*$/gm) ?? [];
    expect(messages.slice(0, -1).every((message) => message.includes('"notifications/progress"'))).toBe(true);
    expect(messages.length).toBeGreaterThan(1);
    expect(messages.at(-1)?.slice(0, 500)).toContain('done');
  });

  it('is JSON for a client that accepts only JSON', async () => {
    const headers = { 'mcp-name': name, accept: 'application/json' };
    const response = await postModern(aerie.url, token, toolCall('noisy'), headers);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await resultText(response)).toBe('done');
  });
});
