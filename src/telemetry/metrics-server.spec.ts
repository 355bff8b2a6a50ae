import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

import { serveMetrics } from './metrics-server.js';

describe('serveMetrics', () => {
  const read = jest.fn(async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return 'calls 1\n';
  });
  let server: Server;
  let port: number;
  beforeEach(async () => {
    read.mockClear();
    server = await serveMetrics({ host: '127.0.0.1', port: 0 }, read);
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  /** Sends a text on a connection of its own, and returns all that comes back. */
  async function sent(text: string): Promise<string> {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (data: string) => (answer += data));
    socket.on('error', () => undefined).write(text);
    await once(socket, 'close');
    return answer;
  }
  const get = 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n';

  it.each([
    ['GET', '/metrics', 200, 'calls 1\n'],
    ['GET', '/metrics?name=x', 200, 'calls 1\n'],
    ['HEAD', '/metrics', 200, ''],
    ['POST', '/metrics', 404, 'Not Found\n'],
    ['GET', '/', 404, 'Not Found\n'],
  ])('answers %s %s with %d', async (method, path, status, text) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
    expect([response.status, await response.text()]).toEqual([status, text]);
  });

  it('collects metrics once for requests at the same time, and answers few of one connection', async () => {
    const answer = await sent(get.repeat(200));
    expect(answer.match(/^calls 1$/gm)).toHaveLength(10);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('accepts no more than 50 connections', async () => {
    const sockets: Socket[] = [];
    for (let number = 0; number < 50; number++) {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      await once(socket, 'connect');
      sockets.push(socket);
    }
    expect(await sent(get)).toBe('');
    sockets.forEach((socket) => socket.destroy());
  });
});
