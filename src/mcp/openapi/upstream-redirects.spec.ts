import { lookup } from 'node:dns';
import { createServer, type IncomingMessage, type Server } from 'node:http';

import { listen } from '../../values/listen.js';
import { UpstreamClient } from './upstream-client.js';

// Both servers run on this machine, whose addresses count as public here.
jest.mock('../../network/public-address.js', () => ({
  ...jest.requireActual<object>('../../network/public-address.js'),
  isPrivateHost: () => false,
  isPublicAddress: () => true,
  publicLookup: () => lookup,
}));

async function listening(server: Server): Promise<string> {
  return `http://127.0.0.1:${await listen(server.unref())}`;
}

describe('a redirect to another origin', () => {
  it('gets no credentials, cookies, headers or body of the call', async () => {
    const received: IncomingMessage[] = [];
    const other = createServer((request, response) => {
      received.push(request);
      response.end('file');
    });
    const otherUrl = await listening(other);
    const api = createServer((request, response) => {
      received.push(request);
      response.writeHead(request.method === 'POST' ? 303 : 302, { location: `${otherUrl}/file` }).end();
    });
    const base = new URL(await listening(api));
    const client = new UpstreamClient(base, false, 'files');
    try {
      for (const method of ['GET', 'POST']) {
        const { body } = await client.send(
          {
            method,
            url: new URL('/v1/files?api_key=secret', base),
            headers: {
              authorization: 'Bearer secret',
              cookie: 'a=b',
              'x-api-key': 'secret',
              tenant: 'acme',
              accept: '*/*',
            },
            body: method === 'POST' ? 'secret' : undefined,
            secrets: ['secret'],
          },
          new AbortController().signal,
          1_000,
        );
        expect(body.toString()).toBe('file');
        const [first, second] = received.splice(0);
        expect(first?.headers).toMatchObject({ authorization: 'Bearer secret', 'x-api-key': 'secret' });
        expect(second).toMatchObject({ method: 'GET', url: '/file' });
        expect(Object.keys(second?.headers ?? {}).toSorted()).toEqual(['accept', 'connection', 'host']);
      }
    } finally {
      await client.close();
      api.close();
      other.close();
    }
  });
});
