import { once } from 'node:events';
import { Agent, createServer, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

import { SocketBytes } from './socket-bytes.js';

describe('SocketBytes', () => {
  const server = createServer();
  let port: number;
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
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

  it('counts nothing of what is no connection', () => {
    const bytes = new SocketBytes();
    bytes.begin(null)();
    bytes.begin({ bytesRead: 1, bytesWritten: 1 })();
    expect([bytes.received, bytes.sent]).toEqual([0, 0]);
  });
});
