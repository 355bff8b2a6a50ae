import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

import { loadConfiguration } from '../config/load-configuration.js';
import { HttpAdapter } from './http-adapter.js';

describe('HttpAdapter', () => {
  const { http, shutdownTimeout } = loadConfiguration({});
  const adapterWith = (settings: Partial<typeof http>): HttpAdapter =>
    new HttpAdapter({ http: { ...http, ...settings }, shutdownTimeout }, () => undefined);
  const adapter = adapterWith({ requestTimeout: 300, maxConnections: 2 });
  const sockets: Socket[] = [];
  beforeAll(async () => {
    adapter.initHttpServer({});
    await once(adapter.listen(0, '127.0.0.1'), 'listening');
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });
  afterAll(() => adapter.close());
  const open = async (): Promise<Socket> => {
    const { port } = adapter.getHttpServer().address() as AddressInfo;
    const socket = connect(port, '127.0.0.1').resume();
    sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  };

  it('closes connections beyond the maximum at once', async () => {
    const [first, second, third] = [await open(), await open(), await open()];
    await once(third, 'close');
    expect([first.closed, second.closed]).toEqual([false, false]);
  });

  it.each([
    ['no data', ''],
    ['incomplete headers', 'POST / HTTP/1.1\r\nHost: x\r\n'],
  ])('closes a connection that sends %s', async (_what, text) => {
    const socket = await open();
    socket.write(text);
    const start = performance.now();
    await once(socket, 'close');
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it.each([
    ['closes idle connections of clients after seconds', [], 5_000],
    ['leaves idle connections to a proxy, which keeps them for minutes', ['10.0.0.0/8'], 600_000],
  ])('%s', (_title, trustedProxies, milliseconds) => {
    const other = adapterWith({ trustedProxies });
    other.initHttpServer({});
    expect(other.getHttpServer().keepAliveTimeout).toBe(milliseconds);
  });

  it('combines small chunks of a body that is not read yet, in their order', async () => {
    const text = Array.from({ length: 10_000 }, (_none, index) => index % 10).join('');
    const chunks: Buffer[] = [];
    const isRead = new Promise((resolve) => {
      adapter.use((request: IncomingMessage) => {
        request.on('end', resolve);
        // toArray() would combine the chunks itself.
        setTimeout(() => request.on('data', (chunk: Buffer) => chunks.push(chunk)), 100);
      });
    });
    const socket = await open();
    const body = text.replaceAll(/./g, (byte) => `1\r\n${byte}\r\n`);
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${body}0\r\n\r\n`);
    await isRead;
    expect(Buffer.concat(chunks).toString()).toBe(text);
    expect(chunks.length).toBeLessThan(100);
  });
});
