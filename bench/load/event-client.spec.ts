import { createServer, type Server, type ServerResponse } from 'node:http';

import { callOf, exchangeOf } from '../exchange.js';
import { listen } from '../../src/values/listen.js';
import { EventClient } from './event-client.js';

const exchange = exchangeOf(callOf('tool_1'), '2025-11-25', 'token');

describe('a client of HTTP+SSE', () => {
  let server: Server;
  let port: number;
  beforeEach(async () => {
    let stream: ServerResponse | undefined;
    server = createServer((request, response) => {
      if (request.method === 'GET') {
        stream = response.writeHead(200, { 'content-type': 'text/event-stream' });
        stream.write('data: /messages\n\n');
        return;
      }
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        response.writeHead(202).end();
        if (body.includes('"initialize"')) stream?.write('data: {}\n\n');
      });
    });
    port = await listen(server);
  });
  afterEach(() => {
    jest.useRealTimers();
    server.closeAllConnections();
    server.close();
  });

  it('fails after 30 seconds without a response', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance', 'queueMicrotask', 'Date'] });
    const client = await EventClient.open(`http://127.0.0.1:${port}`, exchange);
    const performing = client.perform();
    jest.advanceTimersByTime(30_000);
    await expect(performing).rejects.toThrow('no answer within 30000 ms');
    client.close();
  });
});
