import { createServer, type Server } from 'node:http';

import { listen } from '../../values/listen.js';
import { endWithJson } from './end-response.js';

describe('endWithJson', () => {
  let server: Server;
  let port: number;
  let body: readonly [text: string, inAscii?: boolean] = [''];
  beforeAll(async () => {
    server = createServer((_request, response) => endWithJson(response, 200, ...body));
    port = await listen(server);
  });
  afterAll(() => void server.close());

  it.each([
    ['ASCII', '{"a":1}', undefined],
    ['ASCII that is known to be so', '{"a":1}', true],
    ['ASCII of 100 kB', `{"a":"${'x'.repeat(100_000)}"}`, undefined],
    ['Latin-1', '{"a":"\u00e4"}', undefined],
    ['other characters', '{"a":"\u20ac\u{1f600}"}', undefined],
    ['other characters that are known', '{"a":"\u00e4"}', false],
  ])('sends all bytes of %s', async (_what, text, inAscii) => {
    body = [text, inAscii];
    const response = await fetch(`http://127.0.0.1:${port}`);
    expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from(text));
  });
});
