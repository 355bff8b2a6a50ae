import { lightFetch } from './light-fetch.js';

/** JSON-RPC request of a test. */
export interface RpcRequest {
  readonly method: string;
  readonly params?: Record<string, unknown>;
  readonly id?: number | string;
}

export const MODERN = '2026-07-28';

export const MODERN_ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

export const message = ({ method, params, id = 1 }: RpcRequest): object => ({
  jsonrpc: '2.0',
  id,
  method,
  ...(params && { params }),
});

export const toolCall = (name: string, args: object = {}, id: number | string = 1): RpcRequest => ({
  method: 'tools/call',
  params: { name, arguments: args },
  id,
});

/** Posts a 2025-era message, or any other body. */
export async function post(
  url: string,
  token: string | undefined,
  body: unknown,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Response> {
  return lightFetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal && { signal }),
  });
}

/** Envelope, extended or replaced by a test. */
function envelopeWith({ _meta: given = {} }: Record<string, unknown>): unknown {
  const isRecord = typeof given === 'object' && given !== null && !Array.isArray(given);
  return isRecord ? { ...MODERN_ENVELOPE, ...given } : given;
}

/** Posts a request in the era of MCP 2026-07-28. */
export async function postModern(
  url: string,
  token: string | undefined,
  { method, params = {}, id = 1 }: RpcRequest,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Response> {
  const name = params['name'];
  return post(
    url,
    token,
    { jsonrpc: '2.0', id, method, params: { ...params, _meta: envelopeWith(params) } },
    {
      'mcp-protocol-version': MODERN,
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': name }),
      ...headers,
    },
    signal,
  );
}

/**
 * Messages of a response: its JSON, or its events. A slow call is answered with an event stream, so a test that may
 * be slow must read both.
 */
export async function messagesIn(response: Response): Promise<unknown[]> {
  const text = await response.text();
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return [JSON.parse(text)];
  return Array.from(text.matchAll(/^data: (.+)$/gm), ([, data = '']): unknown => JSON.parse(data));
}

/** Returns the result that a response ends with. */
export async function resultIn<Result>(response: Response): Promise<Result> {
  return ((await messagesIn(response)).at(-1) as { result: Result }).result;
}

/** Returns the text of a tool's result. */
export async function resultText(response: Response): Promise<string> {
  const { content } = await resultIn<{ content: { text: string }[] }>(response);
  return content.map(({ text }) => text).join('');
}

/** Posts a request in the era of MCP 2025-11-25. */
export const postLegacy: typeof postModern = (url, token, request, headers, signal) =>
  post(url, token, message(request), { 'mcp-protocol-version': '2025-11-25', ...headers }, signal);

/** Request functions of both eras. */
export const ERAS = [
  ['2026-07-28', postModern],
  ['2025-11-25', postLegacy],
] satisfies [string, typeof postModern][];
