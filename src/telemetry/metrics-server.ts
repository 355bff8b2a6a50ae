import { once } from 'node:events';
import { createServer, type Server } from 'node:http';

import { whilePending } from '../values/while-pending.js';

/** Maximum number of connections. Each scraper needs one. */
const MAX_CONNECTIONS = 50;
/** Maximum number of requests of a connection, which may arrive before any response is read. */
const MAX_REQUESTS_PER_CONNECTION = 10;
/** Maximum time in which a reader takes nothing of its response. */
const IDLE_TIMEOUT_MS = 30_000;

/**
 * Serves metrics at `/metrics`, on a port of their own, because the public port must not show them. Readers that are slow
 * or ask too often cost little: the calls matter more.
 *
 * @param read returns the metrics in the text format of Prometheus
 * @throws {Error} when the address cannot be used
 */
export async function serveMetrics(
  { host, port }: { readonly host: string; readonly port: number },
  read: () => Promise<string>,
): Promise<Server> {
  // Requests that arrive while metrics are collected share the result and its memory.
  const readShared = whilePending(async () => Buffer.from(await read()));
  const server = createServer((request, response) => {
    if (request.url?.split('?')[0] !== '/metrics' || !['GET', 'HEAD'].includes(request.method ?? '')) {
      response.writeHead(404).end('Not Found\n');
      return;
    }
    readShared().then(
      (text) =>
        response
          .writeHead(200, {
            'content-type': 'text/plain; version=0.0.4; charset=utf-8',
            'content-length': text.length,
          })
          .end(text),
      () => response.writeHead(503).end('Service Unavailable\n'),
    );
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_CONNECTION;
  server.timeout = IDLE_TIMEOUT_MS;
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}
