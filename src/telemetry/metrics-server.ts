import { once } from 'node:events';
import { createServer, type Server } from 'node:http';

/**
 * Serves metrics at `/metrics`, on a port of their own, because the public port must not show them.
 *
 * @param read returns the metrics in the text format of Prometheus
 * @throws {Error} when the address cannot be used
 */
export async function serveMetrics(
  { host, port }: { readonly host: string; readonly port: number },
  read: () => Promise<string>,
): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url?.split('?')[0] !== '/metrics' || request.method !== 'GET') {
      response.writeHead(404).end('Not Found\n');
      return;
    }
    read().then(
      (text) =>
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text),
      () => response.writeHead(503).end('Service Unavailable\n'),
    );
  });
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}
