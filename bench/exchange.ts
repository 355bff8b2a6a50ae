export const ERAS = ['2026-07-28', '2025-11-25'] as const;

/** The revisions of MCP that are measured. */
export type Era = (typeof ERAS)[number];

/** A request, and how its answer is told to be right. */
export interface Exchange {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Every right answer has this in it. */
  readonly expected: string;
}

/** What is asked for, whichever era asks. */
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

/** The floors do nothing with a request but send it back. */
export const echoOf = (operation: Operation): Operation => ({ ...operation, expected: '"name":"Ada"' });

/** An operation as a client of an era asks for it. */
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

/** How a client of the 2025 era begins; a server with sessions answers with the id of one. */
export const initialize = (era: Era): Operation => ({
  method: 'initialize',
  params: { protocolVersion: era, capabilities: {}, clientInfo: CLIENT },
  expected: '"protocolVersion"',
});

/** Whether an answer is a result, and the right one. */
export const isRight = (body: string, { expected }: Exchange): boolean =>
  body.includes(expected) && !body.includes('"isError":true') && !body.includes('"error":');
