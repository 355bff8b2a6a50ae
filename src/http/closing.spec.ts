import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';

import { until } from '../../test/support/until.js';
import { dedicateConnection } from '../values/dedicated-connections.js';
import { listen } from '../values/listen.js';
import { type Closing, correctClosing } from './closing.js';
import { Turns } from '../limits/turns.js';
import { FairTurns } from './fair-turns.js';
import { watchSent } from './watch-sent.js';

const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
/** Size of a response that no socket buffers as a whole, bytes. */
const LARGE = 20_000_000;
/** Long enough for a busy machine to begin the next request. */
const UNREAD_TIMEOUT_MS = 1_000;

describe('a server that closes', () => {
  const clients: Socket[] = [];
  let server: Server;
  let port: number;
  let closing: Closing;
  let fair: FairTurns;
  beforeEach(async () => {
    fair = new FairTurns((_request, response) => server.emit('begun', response));
    server = createServer((request, response) => fair.serve(request, response));
    closing = correctClosing(server, (socket) => fair.responseOn(socket), UNREAD_TIMEOUT_MS);
    port = await listen(server);
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.destroy();
    server.close();
  });

  const ask = async (): Promise<{ client: Socket; response: ServerResponse; read: () => number }> => {
    const client = connect(port, '127.0.0.1').on('error', () => {});
    clients.push(client);
    let bytes = 0;
    client.on('data', ({ length }) => (bytes += length));
    client.write(REQUEST);
    const [response] = (await once(server, 'begun')) as [ServerResponse];
    return { client, response, read: () => bytes };
  };

  /** Connects, and sends a request without the end of its headers. */
  const askHalf = async (): Promise<{ client: Socket; socket: Socket }> => {
    const connected = once(server, 'connection') as Promise<[Socket]>;
    const client = connect(port, '127.0.0.1').on('error', () => {});
    clients.push(client);
    client.write(REQUEST.slice(0, -2));
    const [socket] = await connected;
    await until(() => socket.bytesRead > 0);
    return { client, socket };
  };

  it('closes idle connections', async () => {
    const { client, response } = await ask();
    response.end('done');
    await once(response, 'close');
    server.close();
    await until(() => client.destroyed);
    expect(server.listening).toBe(false);
  });

  it('lets a slow client read a response to its end', async () => {
    const { client, response, read } = await ask();
    client.on('data', () => {
      client.pause();
      setTimeout(() => client.resume(), 1);
    });
    response.end(Buffer.alloc(LARGE));
    server.close();
    while (closing.busy > 0) {
      server.closeIdleConnections();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    server.closeIdleConnections();
    await until(() => client.destroyed);
    expect(read()).toBeGreaterThan(LARGE);
  });

  it('closes a connection whose client leaves the response unread', async () => {
    const { client, response } = await ask();
    client.pause();
    const isSent = watchSent(response);
    response.end(Buffer.alloc(LARGE));
    const closed = once(response, 'close');
    server.close();
    await closed;
    expect(isSent()).toBe(false);
  });

  it('serves a request that was sent ahead for as long as it takes', async () => {
    const { client, response, read } = await ask();
    client.pause().write(REQUEST);
    const second = once(server, 'begun') as Promise<[ServerResponse]>;
    response.end(Buffer.alloc(LARGE));
    server.close();
    expect(response.req.socket.timeout).toBe(UNREAD_TIMEOUT_MS);
    client.resume();
    const [next] = await second;
    const sweep = setInterval(() => server.closeIdleConnections(), UNREAD_TIMEOUT_MS / 10);
    await new Promise((resolve) => setTimeout(resolve, 5 * UNREAD_TIMEOUT_MS));
    clearInterval(sweep);
    const before = read();
    const isSent = watchSent(next);
    next.end('next');
    await until(() => read() > before);
    expect(isSent()).toBe(true);
  });

  it('closes connections that have not sent a byte', async () => {
    const client = connect(port, '127.0.0.1').on('error', () => {});
    clients.push(client.resume());
    await once(server, 'connection');
    server.close();
    await until(() => client.destroyed);
    expect(closing.busy).toBe(0);
  });

  it('closes a connection whose client sends the rest of its headers too slowly', async () => {
    const { client } = await askHalf();
    client.resume();
    server.close();
    const trickle = setInterval(() => client.write('a'), 50);
    const sweep = setInterval(() => server.closeIdleConnections(), 100);
    await until(() => client.destroyed);
    clearInterval(trickle);
    clearInterval(sweep);
    expect(closing.busy).toBe(0);
  });

  it('waits for the rest of the headers, and for the response', async () => {
    const { client, socket } = await askHalf();
    client.resume();
    server.close();
    const begun = once(server, 'begun') as Promise<[ServerResponse]>;
    client.write(REQUEST.slice(-2));
    const [response] = await begun;
    server.closeIdleConnections();
    expect(socket.destroyed).toBe(false);
    const isSent = watchSent(response);
    response.end('done');
    await once(response, 'close');
    expect(isSent()).toBe(true);
  });

  it('leaves an upgraded connection to the application', async () => {
    const upgraded = once(server, 'upgrade') as Promise<[object, Socket]>;
    const client = connect(port, '127.0.0.1').on('error', () => {});
    clients.push(client.resume());
    client.write(REQUEST.replace('\r\n\r\n', '\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'));
    const [, socket] = await upgraded;
    server.close();
    server.closeIdleConnections();
    expect(socket.destroyed).toBe(false);
    expect(socket.timeout).toBeFalsy();
  });

  it('serves a request that waits for its turn', async () => {
    const turns = new Turns();
    jest.spyOn(turns, 'isFree', 'get').mockReturnValue(false);
    const begin = jest.spyOn(turns, 'add').mockReturnValue();
    fair = new FairTurns((_request, response) => response.end('done'), undefined, turns);
    const client = connect(port, '127.0.0.1').on('error', () => {});
    clients.push(client);
    client.write(REQUEST);
    await until(() => begin.mock.calls.length > 0);
    server.close();
    expect(closing.busy).toBe(1);
    begin.mock.calls[0]?.[2]();
    const [answer] = (await once(client, 'data')) as [Buffer];
    expect(answer.toString()).toContain('done');
  });

  it('waits for a response that has not ended', async () => {
    const { client, response } = await ask();
    response.flushHeaders();
    server.close();
    await new Promise((resolve) => setTimeout(resolve, 3 * UNREAD_TIMEOUT_MS));
    server.closeIdleConnections();
    expect(client.destroyed).toBe(false);
    expect(closing.busy).toBe(1);
    response.end();
    await once(response, 'close');
    server.closeIdleConnections();
    await until(() => client.destroyed);
  });

  it('closes all connections, also those without a parser', async () => {
    const [one, other] = [await ask(), await ask()];
    dedicateConnection(one.response);
    one.response.flushHeaders();
    await new Promise((resolve) => setImmediate(resolve));
    server.closeAllConnections();
    await until(() => one.client.destroyed && other.client.destroyed);
    await closing.settle();
    expect(closing.busy).toBe(0);
  });

  it('reports when the responses of closed connections have ended', async () => {
    const { response } = await ask();
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
    expect(response.closed).toBe(false);
    await closing.settle();
    expect(response.closed).toBe(true);
  });
});
