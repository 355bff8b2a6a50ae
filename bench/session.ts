import { z } from 'zod';

import { withNewIds } from './load/request-ids.js';
import { type Era, type Exchange, exchangeOf, initialize, isRight, type Operation } from './exchange.js';

/** Creates the requests of a client, after its handshake if the era has one. */
export interface Client {
  exchange(operation: Operation): Exchange;
}

/**
 * Performs the handshake of an era. If the server opens a session (2025 era only), each request has its id.
 *
 * @throws {Error} if the server's response is wrong
 */
export async function introduce(url: string, era: Era, token: string): Promise<Client> {
  if (era === '2026-07-28') return { exchange: (operation) => exchangeOf(operation, era, token) };
  const hello = exchangeOf(initialize(era), era, token);
  const { headers } = await send(url, hello);
  const session = headers.get('mcp-session-id');
  if (session === null) return { exchange: (operation) => exchangeOf(operation, era, token) };
  const member = { ...hello.headers, 'mcp-session-id': session };
  const ready = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });
  await fetch(url, { method: 'POST', headers: member, body: ready });
  return {
    exchange: (operation) => {
      if (operation.method === 'initialize') return exchangeOf(operation, era, token);
      const exchange = exchangeOf(operation, era, token);
      return { ...exchange, headers: { ...exchange.headers, 'mcp-session-id': session } };
    },
  };
}

/**
 * Sends a request once.
 *
 * @throws {Error} if the response is wrong
 */
export async function send(url: string, exchange: Exchange): Promise<{ headers: Headers; body: string }> {
  const { headers, method = 'POST' } = exchange;
  const response = await fetch(url, { method, headers, body: withNewIds(exchange.body) });
  const body = await response.text();
  if (!isRight(response.status, body, exchange)) {
    throw new Error(`HTTP ${response.status}, expected ${exchange.expected}: ${body.slice(0, 1_000)}`);
  }
  return { headers: response.headers, body };
}

const list = z.object({ result: z.object({ tools: z.array(z.unknown()) }) });

/** Number of tools in a list, from a JSON response or an event. A stream may begin with an event without data. */
export const countTools = (body: string): number =>
  list.parse(JSON.parse(/^data: (\{.*)$/m.exec(body)?.[1] ?? body)).result.tools.length;
