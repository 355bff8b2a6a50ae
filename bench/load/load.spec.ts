import { createServer, type IncomingMessage, type Server } from 'node:http';

import { type Answer, callOf, type Exchange, exchangeOf } from '../exchange.js';
import { listen } from '../../src/values/listen.js';
import { alike, flood, httpClients } from './flood.js';
import { Load } from './load.js';
import { pace } from './pace.js';

const exchange = exchangeOf(callOf('tool_1'), '2026-07-28', 'token');
const idIn = (body: string): string | undefined => /"id":(\d+)/.exec(body)?.[1];
const withoutIds = (body: string): string => body.replaceAll(/"id":\d+/g, '"id":0');
const RIGHT = { result: { content: [{ type: 'text', text: 'Hi Ada' }] } };

describe('the load', () => {
  let server: Server;
  let url: string;
  let requests: { readonly headers: NodeJS.Dict<string | string[]>; readonly body: string }[];
  let answer: { readonly status: number; readonly body: object; readonly chunked?: boolean };

  beforeEach(async () => {
    requests = [];
    answer = { status: 200, body: RIGHT };
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        requests.push({ headers: request.headers, body });
        const text = JSON.stringify(answer.body);
        response.writeHead(answer.status, {
          'content-type': 'application/json',
          ...(!answer.chunked && { 'content-length': Buffer.byteLength(text) }),
        });
        response.end(text);
      });
    });
    url = `http://127.0.0.1:${await listen(server)}/mcp`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const floods = (): Promise<unknown> => flood(url, alike(exchange, 2), { each: 10 });
  const paces = (): Promise<unknown> => pace(url, [exchange], { connections: 2, rate: 200, seconds: 0.1 });
  const WAYS: [string, () => Promise<unknown>][] = [
    ['flood', floods],
    ['pace', paces],
  ];

  it.each(WAYS)(
    'sends the exchange the requested number of times, each time with a new id, with the function %s',
    async (_, send) => {
      await send();
      expect(requests).toHaveLength(20);
      expect(new Set(requests.map(({ body }) => idIn(body))).size).toBe(20);
      expect(requests.map(({ body }) => withoutIds(body))).toEqual(
        Array.from({ length: 20 }, () => withoutIds(exchange.body)),
      );
      expect(requests[0]?.headers).toMatchObject(exchange.headers);
    },
  );

  it.each(WAYS)('reads responses without a content length, with the function %s', async (_, send) => {
    answer = { status: 200, body: RIGHT, chunked: true };
    await send();
    expect(requests).toHaveLength(20);
  });

  describe.each([
    ['another status', { status: 503, body: RIGHT }],
    ['a JSON-RPC error', { status: 200, body: { error: { code: -32_603, message: 'Hi Ada' } } }],
    ['a failed tool', { status: 200, body: { result: { ...RIGHT.result, isError: true } } }],
    ['another result', { status: 200, body: { result: { content: [] } } }],
  ])('after %s', (_, wrong) => {
    it.each(WAYS)('fails with the function %s', async (__, send) => {
      answer = wrong;
      await expect(send()).rejects.toThrow(/HTTP \d+: /);
    });
  });

  it('sends the second request of an operation, made from the response to the first', async () => {
    const follow = ({ body }: Answer): Exchange => ({ ...exchange, method: 'DELETE', body });
    await expect(flood(url, [[{ ...exchange, follow }]], { each: 2 })).resolves.toMatchObject({
      requests: 2,
    });
    expect(requests.map(({ body }) => withoutIds(body))).toEqual([
      withoutIds(exchange.body),
      JSON.stringify(RIGHT),
      withoutIds(exchange.body),
      JSON.stringify(RIGHT),
    ]);
  });

  it('fails if the response to the second request is wrong', async () => {
    const follow = (): Exchange => ({ ...exchange, expected: 'Bye Ada' });
    await expect(flood(url, [[{ ...exchange, follow }]], { each: 1 })).rejects.toThrow(
      'Wrong response: HTTP 200',
    );
  });

  it('fails if a batch has fewer responses than requests', async () => {
    const batch = exchangeOf({ ...callOf('tool_1'), batch: 3 }, '2025-11-25', 'token');
    answer = { status: 200, body: [RIGHT, RIGHT] };
    await expect(flood(url, [[batch]], { each: 1 })).rejects.toThrow('Wrong response: HTTP 200');
    answer = { status: 200, body: [RIGHT, RIGHT, RIGHT] };
    await flood(url, [[batch]], { each: 1 });
    const ids = [...(requests.at(-1)?.body ?? '').matchAll(/"id":(\d+)/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(3);
  });

  it('aborts no request: it waits for the responses in flight when it stops', async () => {
    let aborted = 0;
    server.on('request', (request: IncomingMessage) => request.on('aborted', () => aborted++));
    const load = new Load(await httpClients(url, alike(exchange, 4)));
    await load.during(0.05);
    const earlier = load.operations;
    await load.during(0.05);
    expect(load.operations).toBeGreaterThan(earlier);
    await load.stop();
    expect(load.operations).toBe(requests.length);
    expect(aborted).toBe(0);
  });

  it('ends at once when it is aborted, even without a response', async () => {
    server.removeAllListeners('request');
    const closed = new Promise((resolve) =>
      server.once('request', (request: IncomingMessage) => request.socket.once('close', resolve)),
    );
    const abort = new AbortController();
    const { signal } = abort;
    const load = new Load(await httpClients(url, alike(exchange, 1)), { signal });
    const pacing = pace(url, [exchange], { connections: 1, rate: 10, seconds: 0.1, signal });
    await load.during(0.05);
    abort.abort();
    await expect(load.stop()).rejects.toThrow('aborted');
    await expect(pacing).rejects.toThrow('aborted');
    await closed;
  });

  it('accepts the declared status of a fault, and sends several exchanges in turn, with the function pace', async () => {
    answer = { status: 400, body: { error: { message: 'Hi Ada' } } };
    const fault = { ...exchange, status: 400 };
    await pace(url, [fault, { ...fault, body: '{}' }], { connections: 1, rate: 200, seconds: 0.02 });
    const sent = withoutIds(exchange.body);
    expect(requests.map(({ body }) => withoutIds(body))).toEqual([sent, '{}', sent, '{}']);
  });

  it('keeps its rate with the function pace, and counts the waiting time of all requests that a stall delays', async () => {
    const start = performance.now();
    server.prependOnceListener('request', () => {
      const until = performance.now() + 100;
      while (performance.now() < until);
    });
    const latencies = await pace(url, [exchange], { connections: 1, rate: 100, seconds: 0.3 });
    expect(performance.now() - start).toBeGreaterThan(280);
    expect(latencies).toHaveLength(30);
    // Requests that were due during the stall. The tenth waited for about 10 ms.
    expect(latencies.filter((latency) => latency > 5).length).toBeGreaterThan(5);
  });
});
