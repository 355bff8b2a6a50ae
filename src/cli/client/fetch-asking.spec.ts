import { createServer } from 'node:http';

import { listen } from '../../values/listen.js';
import { UsageError } from '../terminal/usage-error.js';
import { fetchAsking } from './fetch-asking.js';

describe('fetchAsking', () => {
  it.each([
    [401, 'Bearer realm="mcp", scope="a b"', 'Bearer scope="admin", realm="mcp", scope="a b"'],
    [401, undefined, 'Bearer scope="admin",'],
    [403, 'Bearer error="e", scope="b"', 'Bearer scope="admin b", error="e", scope="b"'],
    [200, 'Bearer scope="a"', 'Bearer scope="a"'],
  ])('adds scopes to HTTP %i with the challenge %s', async (status, challenge, expected) => {
    const server = createServer((_request, response) => {
      response.writeHead(status, challenge === undefined ? {} : { 'www-authenticate': challenge });
      response.end('body');
    });
    const port = await listen(server);
    const response = await fetchAsking('admin')(`http://127.0.0.1:${port}`);
    expect([response.status, await response.text()]).toEqual([status, 'body']);
    expect(response.headers.get('www-authenticate')).toBe(expected);
    server.close();
  });

  it.each(['a"b', 'a\\b', 'a\nb', ' ', ''])('refuses %j, which is no list of scopes', (scope) => {
    expect(() => fetchAsking(scope)).toThrow(UsageError);
  });
});
