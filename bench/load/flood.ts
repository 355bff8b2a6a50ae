import type { Exchange } from '../exchange.js';
import { HttpClient } from './http-client.js';
import { Load } from './load.js';

/** Throughput of a server under maximum load. */
export interface Flood {
  readonly requests: number;
  readonly requestsPerSecond: number;
}

/** Duration, or number of requests of each connection. */
export type Extent = { readonly seconds: number } | { readonly each: number };

/** Opens a connection for each list of exchanges. */
export const httpClients = (
  url: string,
  connections: readonly (readonly [Exchange, ...Exchange[]])[],
): Promise<HttpClient[]> => Promise.all(connections.map((exchanges) => HttpClient.open(url, exchanges)));

/**
 * Sends one request after another on each connection.
 *
 * @param connections exchanges of each connection, sent in turn; each is followed by its second request, if it has one
 * @throws {Error} if any response is wrong
 */
export async function flood(
  url: string,
  connections: readonly (readonly [Exchange, ...Exchange[]])[],
  extent: Extent,
): Promise<Flood> {
  const clients = await httpClients(url, connections);
  const start = performance.now();
  const load = new Load(clients, 'each' in extent ? extent : {});
  if ('seconds' in extent) {
    await load.during(extent.seconds);
    await load.stop();
  } else await load.end();
  const requests = load.operations;
  return { requests, requestsPerSecond: requests / ((performance.now() - start) / 1000) };
}

/** Repeats one exchange on each connection. */
export const alike = (exchange: Exchange, connections: number): [Exchange][] =>
  Array.from({ length: connections }, () => [exchange]);
