import { connect, type Socket } from 'node:net';

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

let written = 0;

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
}

@Module({ providers: [NoisyTools] })
class NoisyModule {}

const encoded = `=?base64?${Buffer.from('noisy').toString('base64')}?=`;
const params = {
  name: 'noisy',
  arguments: {},
  _meta: { ...MODERN_ENVELOPE, progressToken: 1 },
};

/** Requests of the fast path, and requests that only the SDK's own handler supports. */
describe.each([
  ['a request of the fast path', 'noisy'],
  ['a request with an encoded header', encoded],
])('an event stream that nobody reads, of %s', (_which, name) => {
  let aerie: Aerie;
  let token: string;
  const sockets: Socket[] = [];
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  beforeAll(async () => {
    process.on('warning', onWarning);
    aerie = await startAerie({ modules: [NoisyModule] });
    token = await aerie.token();
  });
  afterAll(async () => {
    process.off('warning', onWarning);
    sockets.forEach((socket) => socket.destroy());
    await aerie.close();
  });

  function callUnread(): void {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
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
      'mcp-name': name,
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
