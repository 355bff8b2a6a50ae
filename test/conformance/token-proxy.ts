import { createServer, request as forward } from 'node:http';

import { listen } from '../../src/values/listen.js';

/** Proxy through which clients without a token reach a protected server. */
export interface TokenProxy {
  readonly url: string;
  close(): void;
}

/**
 * Starts a proxy on loopback that adds a bearer token, because the suite does not support tokens. It changes nothing
 * else, not even Host and Origin.
 */
export async function startTokenProxy(target: string, token: string): Promise<TokenProxy> {
  const { hostname, port, pathname } = new URL(target);
  const proxy = createServer((incoming, answer) => {
    const outgoing = forward(
      {
        hostname,
        port,
        path: incoming.url,
        method: incoming.method,
        headers: { ...incoming.headers, authorization: `Bearer ${token}` },
      },
      (answered) => {
        answer.writeHead(answered.statusCode ?? 502, answered.headers);
        // An event stream is open before its first event.
        answer.flushHeaders();
        answered.pipe(answer);
      },
    );
    outgoing.once('error', () => answer.destroy());
    answer.once('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  });
  const proxyPort = await listen(proxy, 'localhost');
  return {
    url: `http://localhost:${proxyPort}${pathname}`,
    close: () => {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}
