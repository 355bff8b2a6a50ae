import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';

import { until } from '../../../test/support/until.js';
import { ByteBudget } from '../../limits/byte-budget.js';
import { listen } from '../../values/listen.js';
import { UnreadBytes } from './unread-bytes.js';

const MB = 1024 ** 2;
/** Text that exceeds the buffers of a connection. */
const LARGE = 'x'.repeat(20 * MB);
const SHORT_TIMEOUT_MS = 100;

describe('UnreadBytes', () => {
  let server: Server;
  let client: Socket;
  let response: ServerResponse;
  let budget: ByteBudget;

  /** Opens a stream to a client that does not read yet. */
  async function open(limit: number, timeout: number): Promise<UnreadBytes> {
    server = createServer();
    client = connect(await listen(server), '127.0.0.1').on('error', () => {});
    client.pause().write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
    [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
    budget = new ByteBudget({ caller: limit, instance: limit }, 0);
    return new UnreadBytes(response, budget.open({ caller: 'caller', group: 'organization' }), timeout);
  }
  afterEach(() => {
    client.destroy();
    server.close();
  });

  it('charges unread bytes until the client reads them', async () => {
    const unread = await open(30 * MB, 60_000);
    unread.write(LARGE);
    expect(budget.taken).toBeGreaterThan(10 * MB);
    client.resume();
    await until(() => budget.taken === 0);
    expect(response.destroyed).toBe(false);
  });

  it('ends the stream of a caller beyond its budget', async () => {
    const unread = await open(30 * MB, 60_000);
    unread.write(LARGE);
    unread.write(LARGE);
    expect(response.destroyed).toBe(true);
    await until(() => budget.taken === 0);
  });

  it('ends the stream when the client reads nothing for too long', async () => {
    const unread = await open(30 * MB, SHORT_TIMEOUT_MS);
    unread.write(LARGE);
    expect(response.destroyed).toBe(false);
    await until(() => response.destroyed);
    await until(() => budget.taken === 0);
  });

  it('keeps a stream whose data is read after this process was busy for longer than the timeout', async () => {
    const timeout = 2_000;
    const unread = await open(30 * MB, timeout);
    unread.write(LARGE);
    client.resume();
    const end = performance.now() + timeout + 100;
    while (performance.now() < end);
    await until(() => budget.taken === 0);
    expect(response.destroyed).toBe(false);
  });

  it('keeps a silent stream whose data was read', async () => {
    const unread = await open(30 * MB, SHORT_TIMEOUT_MS);
    client.resume();
    unread.write('x');
    await new Promise((resolve) => setTimeout(resolve, 3 * SHORT_TIMEOUT_MS));
    expect(response.destroyed).toBe(false);
  });
});
