import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import type { MemoryOAuthProvider } from './oauth-client.js';

/** Client methods that the tests use, common to all clients. */
export interface McpClient {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  getNegotiatedProtocolVersion?(): string | undefined;
  close(): Promise<void>;
}

/** Connection attempt: the client, and a handler of the authorization response if a sign-in is needed. */
export interface Attempt {
  connect(): Promise<McpClient>;
  finishAuth(response: URLSearchParams): Promise<void>;
}

type Options = { authProvider: MemoryOAuthProvider } | { requestInit: RequestInit };

const IDENTITY = { name: 'end-to-end test', version: '1.0.0' };

const v2 =
  (mode: 'auto' | 'legacy') =>
  (url: string, options: Options): Attempt => {
    const client = new Client(IDENTITY, { versionNegotiation: { mode } });
    const transport = new StreamableHTTPClientTransport(new URL(url), options);
    return {
      connect: async () => {
        await client.connect(transport);
        return client;
      },
      finishAuth: (response) => transport.finishAuth(response),
    };
  };

function v1(url: string, options: Options): Attempt {
  const client = new ClientV1(IDENTITY);
  const transport = new TransportV1(new URL(url), options);
  return {
    connect: async () => {
      await client.connect(transport);
      return client;
    },
    finishAuth: (response) => transport.finishAuth(response.get('code') ?? ''),
  };
}

/** Unmodified clients of the official SDK. */
export const CLIENTS = [
  ['v2, MCP 2026-07-28', v2('auto')],
  ['v2, MCP 2025-11-25', v2('legacy')],
  ['v1', v1],
] satisfies [string, typeof v1][];

/** Connects a client with its own token. */
export async function connectWithToken(
  [, attempt]: (typeof CLIENTS)[number],
  url: string,
  token: string,
): Promise<McpClient> {
  return attempt(url, { requestInit: { headers: { authorization: `Bearer ${token}` } } }).connect();
}
