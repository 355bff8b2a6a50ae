import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';

import { until } from '../../test/support/until.js';
import { dedicateConnection } from './dedicated-connections.js';
import { listen } from './listen.js';

const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

describe('a dedicated connection', () => {
  const servers: Server[] = [];
  const clients: Socket[] = [];
  afterEach(() => {
    for (const client of clients.splice(0)) client.destroy();
    for (const server of servers.splice(0)) server.close();
  });

  const open = async (
    question = REQUEST,
  ): Promise<{ server: Server; client: Client; response: ServerResponse }> => {
    const server = createServer();
    servers.push(server);
    const client = new Client(connect(await listen(server), '127.0.0.1'));
    clients.push(client.socket);
    client.socket.write(question);
    const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
    return { server, client, response };
  };
  const stream = async (): Promise<Awaited<ReturnType<typeof open>>> => {
    const opened = await open();
    dedicateConnection(opened.response);
    opened.response.flushHeaders();
    await until(() => !hasParser(opened.response));
    return opened;
  };

  // Fails when Node.js no longer has a parser that can be freed like that: decide anew then.
  it('has no parser any more', async () => {
    const { response } = await open();
    expect(hasParser(response)).toBe(true);
    dedicateConnection(response);
    await until(() => !hasParser(response));
  });

  it('carries a response of several parts, says that it closes, and closes', async () => {
    const { client, response } = await stream();
    response.write('one');
    await until(() => client.text.endsWith('3\r\none\r\n'));
    response.end('two');
    await until(() => client.socket.destroyed);
    expect(client.text).toContain('\r\nConnection: close\r\n');
    expect(client.text.endsWith('3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n')).toBe(true);
  });

  it.each([
    ['ends', (socket: Socket) => socket.end()],
    ['resets the connection', (socket: Socket) => socket.resetAndDestroy()],
  ])('closes the response when the client %s', async (_does, leave) => {
    const { client, response } = await stream();
    const closed = once(response, 'close');
    leave(client.socket);
    await closed;
    expect(response.req.socket.writable).toBe(false);
  });

  it.each([
    ['another request', REQUEST],
    ['no HTTP', '\u0000nonsense'],
    ['without end', 'x'.repeat(10_000_000)],
  ])('closes when the client sends %s', async (_what, sent) => {
    const { server, client, response } = await stream();
    let requests = 0;
    server.on('request', () => requests++);
    const closed = once(response, 'close');
    client.socket.write(sent);
    await closed;
    await until(() => client.socket.destroyed);
    expect(requests).toBe(0);
    expect(response.req.socket.bytesRead).toBeLessThan(REQUEST.length + 1_000_000);
  });

  it('lets its server close', async () => {
    const { server, client } = await stream();
    const closed = once(server.close(), 'close');
    client.socket.end();
    await closed;
    expect(server.listening).toBe(false);
  });

  it('keeps its parser while the request is read', async () => {
    const { client, response } = await open('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{');
    dedicateConnection(response);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(hasParser(response)).toBe(true);
    client.socket.write('}');
    expect(String((await once(response.req, 'data')) as unknown)).toBe('{');
    response.end();
    await until(() => client.socket.destroyed);
  });

  it.each([
    ['the start of another request has arrived', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx'],
    ['another request has arrived', REQUEST],
  ])('keeps its parser if %s', async (_what, further) => {
    const { client, response } = await open(REQUEST + further);
    dedicateConnection(response);
    response.write('one');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(hasParser(response)).toBe(true);
    response.end();
    await until(() => client.socket.destroyed);
  });

  it('keeps its parser if somebody else reads the connection', async () => {
    const { response } = await open();
    response.req.socket.on('data', () => {});
    dedicateConnection(response);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(hasParser(response)).toBe(true);
  });

  it('is not used again by a later connection', async () => {
    for (let i = 0; i < 20; i++) {
      const { client, response } = await stream();
      client.socket.destroy();
      await once(response, 'close');
      const next = await open();
      next.response.end('next');
      await until(() => next.client.text.endsWith('next'));
      expect(next.client.text).toMatch(/^HTTP\/1\.1 200 /);
    }
  });
});

/** Connection of a client, with what it has received. */
class Client {
  text = '';

  constructor(readonly socket: Socket) {
    socket.on('data', (chunk) => (this.text += String(chunk))).on('error', () => {});
  }
}

const hasParser = ({ req }: ServerResponse): boolean =>
  Boolean((req.socket as Socket & { parser?: object | null }).parser);
