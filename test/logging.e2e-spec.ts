import { Injectable, Module } from '@nestjs/common';

import { McpTool } from '../src/mcp/index.js';
import type { EndedRequest } from '../src/observation/observer.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { ERAS, message, post, toolCall } from './support/rpc.js';
import { until } from './support/until.js';

interface Line {
  msg: string;
  level: number;
  requestId?: string;
  [field: string]: unknown;
}

let finish: () => void = () => {};

@Injectable()
class LongTools {
  @McpTool({ name: 'long', scopes: 'authenticated', description: 'Ends when the test lets it.' })
  long(): Promise<string> {
    return new Promise((resolve) => {
      finish = () => resolve('done');
    });
  }
}

@Module({ providers: [LongTools] })
class LongModule {}

describe('the log', () => {
  let aerie: Aerie;
  const ended: EndedRequest[] = [];
  beforeAll(async () => {
    aerie = await startAerie({
      environment: { TRUSTED_PROXIES: 'loopback' },
      modules: [LongModule],
      observers: [{ request: () => ({ end: (request) => void ended.push(request) }) }],
    });
  });
  afterAll(() => aerie.close());

  /** Log lines of one request. The last is written after the response has ended. */
  async function linesOf(response: Response): Promise<Line[]> {
    await response.text();
    const id = response.headers.get('x-request-id');
    expect(id).toMatch(/^[\w.:-]+$/);
    const lines = (): Line[] =>
      aerie.logs.map((line) => JSON.parse(line) as Line).filter(({ requestId }) => requestId === id);
    await until(() => lines().some(({ status }) => status !== undefined));
    return lines();
  }

  const CALLER = { subject: 'usr_logged', clientId: 'client_logged', organizationId: 'org_acme' };
  const greeting = async (server: Aerie, send: (typeof ERAS)[number][1]): Promise<Response> => {
    const token = await server.token({ claims: { sub: CALLER.subject, client_id: CALLER.clientId } });
    return send(server.url, token, toolCall('greet_user', { name: 'Saif' }));
  };

  it('has a line for a path that only resembles a health check', async () => {
    const [line] = await linesOf(await fetch(`${aerie.origin}/healthz`));
    expect(line).toMatchObject({ msg: 'request', level: 30, path: '/healthz', status: 404 });
  });

  it.each(ERAS)('has one line for a request with one call, in the era of %s', async (_era, send) => {
    const lines = await linesOf(await greeting(aerie, send));
    expect(lines).toEqual([
      expect.objectContaining({
        msg: 'call',
        method: 'tools/call',
        tool: 'greet_user',
        outcome: 'ok',
        path: '/mcp',
        status: 200,
        address: '127.0.0.1',
        durationMs: expect.any(Number),
        requestMs: expect.any(Number),
        ...CALLER,
      }),
    ]);
    expect(lines[0]?.['requestMs']).toBeGreaterThan(Number(lines[0]?.['durationMs']));
    expect(JSON.stringify(lines)).not.toContain('Saif');
  });

  it('has a line for each call of a batch, and one for its request', async () => {
    const calls = [1, 2].map((id) => message(toolCall('greet_user', { name: 'Saif' }, id)));
    const lines = await linesOf(
      await post(aerie.url, await aerie.token(), calls, {
        'mcp-protocol-version': '2025-03-26',
      }),
    );
    expect(lines).toEqual([
      expect.objectContaining({ msg: 'call', tool: 'greet_user' }),
      expect.objectContaining({ msg: 'call', tool: 'greet_user' }),
      expect.objectContaining({ msg: 'request', status: 200 }),
    ]);
  });

  it('has a line for a batch that ends before one of its calls, and tells observers of all its calls', async () => {
    const calls = [message(toolCall('long', {}, 1)), message(toolCall('whoami', {}, 2))];
    const controller = new AbortController();
    const headers = { 'mcp-protocol-version': '2025-03-26', 'x-request-id': 'abandoned-batch' };
    const own = (): Line[] =>
      aerie.logs
        .map((line) => JSON.parse(line) as Line)
        .filter(({ requestId }) => requestId === 'abandoned-batch');
    const posted = post(aerie.url, await aerie.token(), calls, headers, controller.signal);
    setTimeout(() => controller.abort(), 200);
    await expect(posted).rejects.toThrow();
    await until(() => own().some(({ aborted }) => aborted === true));
    finish();
    await until(() => own().length === 3);
    expect(own()).toEqual([
      expect.objectContaining({ msg: 'call', tool: 'whoami' }),
      expect.objectContaining({ msg: 'request', aborted: true }),
      expect.objectContaining({ msg: 'call', tool: 'long', outcome: 'ok' }),
    ]);
    expect(own()[1]).not.toHaveProperty('status');
    expect(ended.find(({ requestId }) => requestId === 'abandoned-batch')).toMatchObject({
      calls: 2,
      isUnanswered: true,
    });
  });

  it.each(ERAS)('has separate lines on demand, in the era of %s', async (_era, send) => {
    const separate = await startAerie({ environment: { LOG_CALL_LINES: 'separate' } });
    const lines = await linesOf(await greeting(separate, send));
    await separate.close();
    expect(lines).toEqual([
      expect.objectContaining({ msg: 'call', tool: 'greet_user', outcome: 'ok', ...CALLER }),
      expect.objectContaining({ msg: 'request', method: 'POST', path: '/mcp', status: 200, ...CALLER }),
    ]);
    expect(lines[0]).not.toHaveProperty('path');
  });

  it('has the first 200 characters of a path', async () => {
    const [line] = await linesOf(await fetch(`${aerie.origin}/${'x'.repeat(5_000)}`));
    expect(line).toMatchObject({ status: 404, path: `/${'x'.repeat(199)}` });
  });

  it('has the reason of a failed call and of a rejected request', async () => {
    const token = await aerie.token();
    const invalid = await linesOf(await post(aerie.url, token, message(toolCall('greet_user', { name: 7 }))));
    expect(invalid[0]).toMatchObject({ msg: 'call', outcome: 'failed', reason: 'invalid_input' });
    const refused = await linesOf(await post(aerie.url, 'invalid-token', message(toolCall('whoami'))));
    expect(refused).toEqual([expect.objectContaining({ msg: 'request', status: 401, reason: 'malformed' })]);
    const denied = await linesOf(await post(aerie.url, token, message(toolCall('admin_tool'))));
    expect(denied).toEqual([
      expect.objectContaining({
        msg: 'request',
        status: 403,
        tool: 'admin_tool',
        reason: 'insufficient_scope',
        organizationId: 'org_acme',
      }),
    ]);
    expect(refused[0]).not.toHaveProperty('subject');
  });

  it('contains no query, argument or result', async () => {
    const token = await aerie.token();
    const response = await fetch(`${aerie.url}?secret=hunter2`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', cookie: 'id=hunter3' },
      body: JSON.stringify(message(toolCall('greet_user', { name: 'hunter4' }))),
    });
    await linesOf(response);
    expect(aerie.logs.join()).not.toMatch(/hunter[234]/);
  });

  it.each([
    ['a good id', 'from-the-proxy.1', true],
    ['an id that breaks lines', 'a b"', false],
    ['an id that is too long', 'x'.repeat(200), false],
  ])('takes %s from a trusted proxy: %s %s', async (_what, given, taken) => {
    const response = await fetch(`${aerie.origin}/health`, { headers: { 'x-request-id': given } });
    expect(response.headers.get('x-request-id') === given).toBe(taken);
  });

  it('takes the client’s address and the request id only from a trusted proxy', async () => {
    const headers = { 'x-request-id': 'mine', 'x-forwarded-for': '203.0.113.7' };
    const [viaProxy] = await linesOf(await fetch(aerie.url, { headers }));
    expect(viaProxy).toMatchObject({ requestId: 'mine', address: '203.0.113.7' });

    const direct = await startAerie();
    try {
      const response = await fetch(direct.url, { headers });
      expect(response.headers.get('x-request-id')).not.toBe('mine');
      const [line] = await linesOf(response);
      expect(line?.['address']).toMatch(/127\.0\.0\.1$/);
    } finally {
      await direct.close();
    }
  });
});
