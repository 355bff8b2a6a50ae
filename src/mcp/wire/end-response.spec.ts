import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { endWithJson } from './end-response.js';

describe('endWithJson', () => {
  let server: Server;
  let json = '';
  beforeAll(async () => {
    server = createServer((_request, response) => endWithJson(response, 200, json)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
  });
  afterAll(() => void server.close());

  it.each(['{"a":1}', '{"a":"\u00e4"}', '{"a":"\u20ac\u{1f600}"}', `{"a":"${'x'.repeat(100_000)}"}`])(
    'sends all bytes of %.20s',
    async (text) => {
      json = text;
      const { port } = server.address() as AddressInfo;
      const response = await fetch(`http://127.0.0.1:${port}`);
      expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
      expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from(text));
    },
  );
});
