import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema, type RequestId } from '@modelcontextprotocol/sdk/types.js';
import { Injectable, Module } from '@nestjs/common';
import { z } from 'zod';

import { Revocations } from '../src/auth/revocation/revocations.js';
import { type CallContext, McpTool } from '../src/mcp/index.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { runCommand } from './support/run-command.js';
import { until } from './support/until.js';

const ACCEPTED = { action: 'accept', content: { sure: true } } as const;
let deleted = 0;

@Injectable()
class AdminTools {
  @McpTool({ name: 'delete_all', scopes: ['todo:write'], description: 'Asks, and deletes everything.' })
  async deleteAll(_input: object, call: CallContext): Promise<string> {
    const { action } = await call.elicit({ message: 'Sure?', schema: z.object({ sure: z.boolean() }) });
    if (action === 'accept') deleted++;
    return action;
  }
}

@Module({ providers: [AdminTools] })
class Tools {}

const over = {
  'a session': (url: string, send: typeof fetch) =>
    new StreamableHTTPClientTransport(new URL(url), { fetch: send }),
  'HTTP+SSE': (url: string, send: typeof fetch) =>
    new SSEClientTransport(new URL(`${url}/sse`), { fetch: send }),
};

describe.each(Object.entries(over))('a call over %s that waits for an answer', (_name, transportTo) => {
  const RIGHTS = { scope: 'todo:read todo:write', claims: { roles: ['owner'], permissions: ['tidy'] } };
  let aerie: Aerie;
  let client: Client;
  let token: string;
  let question: RequestId | undefined;
  let outcome: Promise<string>;
  beforeEach(async () => {
    deleted = 0;
    question = undefined;
    aerie = await startAerie({ modules: [Tools], environment: { MCP_SESSIONS: 'on', MCP_SSE: 'on' } });
    token = await aerie.token({ ...RIGHTS, claims: { ...RIGHTS.claims, jti: 'tkn_first' } });
    client = new Client({ name: 'person who thinks', version: '1' }, { capabilities: { elicitation: {} } });
    client.setRequestHandler(ElicitRequestSchema, (_request, { requestId }) => {
      question = requestId;
      return new Promise(() => {});
    });
    // Each request has the token of its time.
    const send: typeof fetch = (url, init) => {
      const headers = new Headers(init?.headers);
      headers.set('authorization', `Bearer ${token}`);
      return fetch(url, { ...init, headers });
    };
    await client.connect(transportTo(aerie.url, send));
    outcome = client.callTool({ name: 'delete_all' }).then(JSON.stringify, (error: unknown) => String(error));
    await until(() => question !== undefined);
  });
  afterEach(async () => {
    await client.close();
    await aerie.close();
  });

  const answer = async (): Promise<void> => {
    await client.transport?.send({ jsonrpc: '2.0', id: question!, result: ACCEPTED });
  };

  it('continues after an answer with a refreshed token', async () => {
    token = await aerie.token(RIGHTS);
    await answer();
    expect(await outcome).toContain('accept');
    expect(deleted).toBe(1);
  });

  it.each([
    ['scope', { ...RIGHTS, scope: 'todo:read' }, /insufficient_scope|This needs the scope todo:write/],
    ['role', { ...RIGHTS, claims: { ...RIGHTS.claims, roles: [] } }, /Your token lacks rights or claims/],
    [
      'permission',
      { ...RIGHTS, claims: { ...RIGHTS.claims, permissions: [] } },
      /Your token lacks rights or claims/,
    ],
  ])('keeps waiting after an answer with a token without a %s', async (_right, weaker, refusal) => {
    const first = token;
    token = await aerie.token(weaker);
    await expect(answer()).rejects.toThrow(refusal);
    expect(deleted).toBe(0);
    token = first;
    await answer();
    expect(await outcome).toContain('accept');
    expect(deleted).toBe(1);
  });

  it('ends when its token is revoked, although the session goes on with a newer one', async () => {
    token = await aerie.token(RIGHTS);
    await client.ping();
    await runCommand('revoke', ['--token-id', 'tkn_first'], process.cwd(), {
      STATE_DIRECTORY: aerie.stateDirectory,
    });
    expect(await outcome).toMatch(/-32000: The token of the request was revoked\. Repeat the call/);
    await answer();
    await client.ping();
    expect(deleted).toBe(0);
  });

  it('has ended when the application has revoked its token, before an answer of the session can arrive', async () => {
    token = await aerie.token(RIGHTS);
    await client.ping();
    const revocations = aerie.application.get(Revocations, { strict: false });
    await revocations.revoke({ tokenId: 'tkn_first' }, { by: 'ada' });
    await answer();
    expect(await outcome).toMatch(/-32000: The token of the request was revoked\. Repeat the call/);
    expect(deleted).toBe(0);
  });
});
