import { request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';

import { responseOf } from '../values/response-of.js';

/** Returns a `fetch` that connects to an HTTP server in this process by a pair of streams, without a port. */
export function inMemoryFetch(server: Server): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const body = Buffer.from(await request.arrayBuffer());
    const url = new URL(request.url);
    const [clientSide, serverSide] = duplexPair();
    // Node.js does so by itself only since version 24.
    clientSide.once('close', () => serverSide.destroy());
    serverSide.once('close', () => clientSide.destroy());
    const sent = httpRequest({
      createConnection: () => asSocket(clientSide),
      method: request.method,
      path: url.pathname + url.search,
      headers: { ...Object.fromEntries(request.headers), host: url.host, 'content-length': body.length },
      signal: request.signal,
    });
    server.emit('connection', asSocket(serverSide));
    const received = new Promise<IncomingMessage>((resolve, reject) => {
      sent.once('response', resolve);
      sent.once('error', reject);
    });
    sent.end(body);
    return responseOf(await received, request.method);
  };
}

/** Adds the methods of a socket that have no meaning for a stream, but that servers call. */
function asSocket(stream: Duplex): Duplex {
  return Object.assign(stream, {
    remoteAddress: '127.0.0.1',
    setTimeout: () => stream,
    setKeepAlive: () => stream,
    setNoDelay: () => stream,
    ref: () => stream,
    unref: () => stream,
    destroySoon: () => stream.destroy(),
  });
}
