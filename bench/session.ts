import { type Era, type Exchange, exchangeOf, initialize, isRight, type Operation } from './exchange.js';

/** How a client of an era talks to a server, once it has been introduced where the era wants that. */
export interface Client {
  exchange(operation: Operation): Exchange;
}

/**
 * Introduces a client. A server with sessions (2025 era only) gets the id of one with each request.
 *
 * @throws {Error} when the server does not answer as the era says
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
      const exchange = exchangeOf(operation, era, token);
      return { ...exchange, headers: { ...exchange.headers, 'mcp-session-id': session } };
    },
  };
}

/**
 * Asks once.
 *
 * @throws {Error} when the answer is not the right one
 */
export async function send(url: string, exchange: Exchange): Promise<{ headers: Headers; body: string }> {
  const response = await fetch(url, { method: 'POST', headers: exchange.headers, body: exchange.body });
  const body = await response.text();
  if (!response.ok || !isRight(body, exchange)) {
    throw new Error(`HTTP ${response.status}, expected ${exchange.expected}: ${body.slice(0, 1_000)}`);
  }
  return { headers: response.headers, body };
}

/** How many tools a list has, be it a JSON answer or an event. */
export function countTools(body: string): number {
  return body.match(/"name":"(tool_\d+|request_scoped|greet|whoami)"/g)?.length ?? 0;
}
