import { once } from 'node:events';
import { Agent, createServer, request, type ServerResponse } from 'node:http';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';

import { until } from '../../test/support/until.js';
import { listen } from './listen.js';
import { SocketBytes } from './socket-bytes.js';

describe('SocketBytes', () => {
  const server = createServer();
  let port: number;
  beforeAll(async () => {
    port = await listen(server);
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('counts both directions of connections, open ones and closed ones', async () => {
    const bytes = new SocketBytes();
    server.once('connection', (socket) => socket.once('close', bytes.begin(socket)));
    server.once('request', (_request, response: ServerResponse) => response.end('hello'));
    const client = connect(port, '127.0.0.1');
    const question = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
    client.write(question);
    const [answer] = (await once(client, 'data')) as [Buffer];
    expect([bytes.received, bytes.sent]).toEqual([question.length, answer.length]);
    client.end();
    await once(client, 'close');
    expect([bytes.received, bytes.sent]).toEqual([question.length, answer.length]);
  });

  it('does not count a destroyed socket, and its sum never goes down', async () => {
    const bytes = new SocketBytes();
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const client = connect(port, '127.0.0.1').on('error', () => {});
    const [socket] = await accepted;
    socket.once('close', bytes.begin(socket));
    client.pause();
    for (let part = 0; part < 100; part++) socket.write(Buffer.alloc(1_000_000));
    const sent = bytes.sent;
    expect(sent).toBe(100_000_000);
    socket.destroy();
    await once(socket, 'close');
    expect(bytes.sent).toBe(sent);
    bytes.begin(socket);
    expect(bytes.running).toBe(0);
    client.destroy();
  });

  it('counts one response of a connection that serves others before and after it', async () => {
    const bytes = new SocketBytes();
    const sizes: number[] = [];
    server.on('request', ({ url }, response: ServerResponse) => {
      const before = response.socket?.bytesWritten ?? 0;
      const { socket } = response;
      if (url === '/counted') response.once('close', bytes.begin(socket));
      response.once('close', () => sizes.push((socket?.bytesWritten ?? 0) - before)).end('x'.repeat(1_000));
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (const path of ['/', '/counted', '/']) {
      const [response] = (await once(request({ port, path, agent }).end(), 'response')) as [
        NodeJS.ReadableStream,
      ];
      response.resume();
      await once(response, 'end');
    }
    agent.destroy();
    expect(bytes.sent).toBe(sizes[1]);
    expect(bytes.sent).toBeGreaterThan(1_000);
  });

  it('counts the same in whatever order connections end, and each once', async () => {
    const lengths = [30, 50, 70, 110];
    const connections: Socket[] = [];
    const listener = createTcpServer((socket) => connections.push(socket.resume()));
    const itsPort = await listen(listener);
    const clients = lengths.map(() => connect(itsPort, '127.0.0.1'));
    await until(() => connections.length === clients.length);
    const orders = [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [1, 3, 0, 0, 2, 1],
      [2, 0, 2, 3, 1],
    ];
    const counts = orders.map(() => new SocketBytes());
    const ends = counts.map((bytes) => connections.map((socket) => bytes.begin(socket)));
    clients.forEach((client, index) => client.write('x'.repeat(lengths[index] ?? 0)));
    await until(() => connections.every(({ bytesRead }) => lengths.includes(bytesRead)));
    for (const [index, order] of orders.entries()) {
      for (const ended of order) {
        ends[index]?.[ended]?.();
        expect(counts[index]?.received).toBe(260);
      }
    }
    clients.forEach((client) => client.write('x'.repeat(100)));
    await until(() => connections.every(({ bytesRead }) => bytesRead >= 130));
    expect(counts.map(({ received }) => received)).toEqual([260, 260, 260, 260]);
    clients.forEach((client) => client.destroy());
    listener.close();
  });

  it('counts nothing of what is no connection', () => {
    const bytes = new SocketBytes();
    bytes.begin(null)();
    bytes.begin({ bytesRead: 1, bytesWritten: 1 })();
    expect([bytes.received, bytes.sent]).toEqual([0, 0]);
  });
});
