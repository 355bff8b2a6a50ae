import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';

import { listen } from '../../src/values/listen.js';
import { lightFetch } from './light-fetch.js';

describe('lightFetch', () => {
  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = createServer((_request, response) => response.end('served'));
    url = `http://127.0.0.1:${await listen(server)}`;
  });
  afterAll(() => void server.close());

  it('reuses a connection, and closes it when idle before the server does', async () => {
    const sockets: Socket[] = [];
    server.on('connection', (socket: Socket) => sockets.push(socket));
    for (let i = 0; i < 3; i++) expect(await (await lightFetch(url)).text()).toBe('served');
    expect(sockets).toHaveLength(1);
    const onServerTimeout = jest.fn();
    await once(sockets[0]!.once('timeout', onServerTimeout), 'close');
    expect(onServerTimeout).not.toHaveBeenCalled();
  });
});
