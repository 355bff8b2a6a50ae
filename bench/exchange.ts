export const ERAS = ['2026-07-28', '2025-11-25'] as const;

/** Measured revision of MCP. */
export type Era = (typeof ERAS)[number];

/** Request, and the text that its response must contain. */
export interface Exchange {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Text in every correct response. */
  readonly expected: string;
}

/** Operation, independent of the era. */
export interface Operation {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly expected: string;
}

export const callOf = (name: string, expected = 'Hi Ada'): Operation => ({
  method: 'tools/call',
  params: { name, arguments: { name: 'Ada' } },
  expected,
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
export function exchangeOf({ method, params, expected }: Operation, era: Era, token: string): Exchange {
  const name = params['name'];
  const isModern = era === '2026-07-28';
  return {
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
      'mcp-protocol-version': era,
      ...(isModern && { 'mcp-method': method, ...(typeof name === 'string' && { 'mcp-name': name }) }),
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method,
      params: isModern ? { ...params, _meta: envelope(era) } : params,
    }),
    expected,
  };
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

/** Whether a response contains the expected result. */
export const isRight = (body: string, { expected }: Exchange): boolean =>
  body.includes(expected) && !body.includes('"isError":true') && !body.includes('"error":');
