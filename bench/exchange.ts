import { ID_TO_REPLACE } from './load/request-ids.js';

export const ERAS = ['2026-07-28', '2025-11-25'] as const;

/** Measured revision of MCP. */
export type Era = (typeof ERAS)[number];

/** Request, and the text that its response must contain. */
export interface Exchange {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Text in every correct response. */
  readonly expected: string;
  /** Minimum number of times that a correct response contains it; default: 1. */
  readonly times?: number;
  /** HTTP method; default: POST. */
  readonly method?: 'POST' | 'DELETE';
  /** HTTP status of a response that may contain an error; default: 200, without an error. */
  readonly status?: number;
  /** Makes the second request of an operation from the response to the first. */
  readonly follow?: (answer: Answer) => Exchange;
}

/** Response to the first request of an operation. */
export interface Answer {
  readonly headers: Headers;
  readonly body: string;
}

/** Operation, independent of the era. */
export interface Operation {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>> & { readonly _meta?: object };
  readonly expected: string;
  /** Number of messages in a batch, which only the revision 2025-03-26 has. */
  readonly batch?: number;
  /** Makes the second request from the first and its response. */
  readonly follow?: (first: Exchange, answer: Answer) => Exchange;
}

export const callOf = (name: string, expected = 'Hi Ada'): Operation => ({
  method: 'tools/call',
  params: { name, arguments: { name: 'Ada' } },
  expected,
});

/** Requests notifications of progress. */
export const withProgress = (operation: Operation): Operation => ({
  ...operation,
  params: { ...operation.params, _meta: { progressToken: 1 } },
});

/** @param count how many tools the list must have */
export const listOf = (count: number): Operation => ({
  method: 'tools/list',
  params: {},
  expected: `"tool_${count}"`,
});

/** Operation of a floor, which returns the request. */
export const echoOf = (operation: Operation): Operation => ({ ...operation, expected: '"name":"Ada"' });

/** Converts an operation to the request of a client of the era. */
export function exchangeOf(operation: Operation, era: Era, token: string): Exchange {
  const { method, params, expected, batch, follow } = operation;
  const name = params['name'] ?? params['uri'];
  const isModern = era === '2026-07-28';
  const message = {
    jsonrpc: '2.0',
    id: ID_TO_REPLACE,
    method,
    params: isModern ? { ...params, _meta: { ...envelope(era), ...params._meta } } : params,
  };
  const exchange: Exchange = {
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
      'mcp-protocol-version': batch === undefined ? era : '2025-03-26',
      ...(isModern && { 'mcp-method': method, ...(typeof name === 'string' && { 'mcp-name': name }) }),
    },
    body: JSON.stringify(batch === undefined ? message : Array.from({ length: batch }, () => message)),
    expected,
    ...(batch !== undefined && { times: batch }),
  };
  return follow ? { ...exchange, follow: (answer) => follow(exchange, answer) } : exchange;
}

const CLIENT = { name: 'bench', version: '1' };

const envelope = (era: Era): object => ({
  'io.modelcontextprotocol/protocolVersion': era,
  'io.modelcontextprotocol/clientInfo': CLIENT,
  'io.modelcontextprotocol/clientCapabilities': {},
});

/** First request of a 2025 client. A server with sessions returns a session id. */
export const initialize = (era: Era): Operation => ({
  method: 'initialize',
  params: { protocolVersion: era, capabilities: {}, clientInfo: CLIENT },
  expected: '"protocolVersion"',
});

/** Whether a response is the expected one. */
export const isRight = (status: number, body: string, exchange: Exchange): boolean =>
  status === (exchange.status ?? 200) &&
  (exchange.status !== undefined || !isFault(body)) &&
  hasTimes(body, exchange.expected, exchange.times ?? 1);

const hasTimes = (body: string, text: string, times: number): boolean =>
  times === 1 ? body.includes(text) : body.split(text).length > times;

/** Whether a response contains an error. */
const isFault = (body: string): boolean => body.includes('"isError":true') || body.includes('"error":');
