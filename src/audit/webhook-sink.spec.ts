import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

import { listen } from '../values/listen.js';
import { Chain } from './chain.js';
import { RefusedLinesError } from './sink.js';
import { WebhookSink } from './webhook-sink.js';

const KEY = Buffer.alloc(32, 7);
const secretOf = (key: Buffer): string => `whsec_${key.toString('base64')}`;

describe('WebhookSink', () => {
  let server: Server;
  let sink: WebhookSink;
  let secrets: string[];
  let answer: (response: ServerResponse) => void;
  let received: { request: IncomingMessage; body: string }[];
  beforeEach(async () => {
    received = [];
    answer = (response) => response.writeHead(204).end();
    server = createServer((request, response) => {
      const take = async (): Promise<void> => {
        received.push({ request, body: await text(request) });
        answer(response);
      };
      void take();
    });
    const port = await listen(server);
    secrets = [secretOf(KEY)];
    sink = new WebhookSink(`http://127.0.0.1:${port}/aerie`, () => secrets);
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const chain = new Chain('test', 0);
  const line = () => chain.add({ event: 'tool.call', outcome: 'success', tool: 'réfund' }, 0);

  it('posts a batch with an id, a time and a signature', async () => {
    const lines = [line(), line()];
    await sink.write(lines);
    await sink.write(lines);
    const [first, second] = received;
    const {
      'webhook-id': id,
      'webhook-timestamp': time,
      'webhook-signature': signature,
    } = first?.request.headers ?? {};
    const expected = createHmac('sha256', KEY).update(`${String(id)}.${String(time)}.${first?.body}`);
    expect(signature).toBe(`v1,${expected.digest('base64')}`);
    expect(Math.abs(Number(time) - Date.now() / 1_000)).toBeLessThan(10);
    expect(id).toBe(`${chain.id}:0`);
    expect(second?.request.headers['webhook-id']).toBe(id);
    expect(JSON.parse(first?.body ?? '')).toEqual({
      type: 'audit.records',
      records: lines.map(({ text: of }) => JSON.parse(of) as object),
    });
  });

  it('signs with each secret in force, so that a receiver with either of them accepts the batch', async () => {
    const other = Buffer.alloc(32, 8);
    secrets = [secretOf(other), secretOf(KEY)];
    await sink.write([line()]);
    secrets = [secretOf(other)];
    await sink.write([line()]);
    const signatures = received.map(({ request: { headers } }) => headers['webhook-signature']);
    const expected = received.map(({ request: { headers }, body }) =>
      [other, KEY].map((key) => {
        const content = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
        return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
      }),
    );
    expect(signatures).toEqual([expected[0]?.join(' '), expected[1]?.[0]]);
  });

  it.each<[string, (response: ServerResponse) => void, RegExp]>([
    ['an error', (response) => response.writeHead(500).end(), /status 500/],
    [
      'a redirect',
      (response) => response.writeHead(307, { location: '/elsewhere' }).end(),
      /cannot be reached: unexpected redirect/,
    ],
    ['a lost connection', (response) => response.destroy(), /cannot be reached: other side closed/],
  ])('fails on %s, and follows no redirect', async (_what, behavior, problem) => {
    answer = behavior;
    await expect(sink.write([line()])).rejects.toThrow(problem);
    expect(received).toHaveLength(1);
  });

  it.each([
    [413, true],
    [400, false],
  ])('says whether status %i means that the batch is too large: %s', async (status, isTooLarge) => {
    answer = (response) => response.writeHead(status).end();
    const error: unknown = await sink.write([line()]).catch((reason: unknown) => reason);
    expect(error instanceof RefusedLinesError).toBe(isTooLarge);
  });

  it('fails when the receiver does not answer in time', async () => {
    const timeout = jest
      .spyOn(AbortSignal, 'timeout')
      .mockImplementation(() => AbortSignal.abort(new Error('timeout')));
    await expect(sink.write([line()])).rejects.toThrow('timeout');
    expect(timeout).toHaveBeenCalledWith(10_000);
  });
});
