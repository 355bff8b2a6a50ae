import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CancelledNotificationSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { Injectable, Module } from '@nestjs/common';
import { z } from 'zod';

import { type CallContext, McpTool } from '../src/mcp/index.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { closeGate, gate, SessionToolsModule } from './support/session.tools.js';
import { until } from './support/until.js';

/** Time that no stop takes unless it waits for a question, which here takes at least `SHUTDOWN_TIMEOUT`, milliseconds. */
const SOON_MS = 10_000;

let begun = 0;

@Injectable()
class LateTools {
  @McpTool({ name: 'ask_late', scopes: 'authenticated', description: 'Asks when it may.' })
  async askLate(_input: object, call: CallContext): Promise<string> {
    begun++;
    await gate.closed;
    return (await call.elicit({ message: 'Your name?', schema: z.object({ name: z.string() }) })).action;
  }
}

@Module({ imports: [SessionToolsModule], providers: [LateTools] })
class Tools {}

const over = {
  'a session': (url: string, token: RequestInit) =>
    new StreamableHTTPClientTransport(new URL(url), { requestInit: token }),
  'HTTP+SSE': (url: string, token: RequestInit) =>
    new SSEClientTransport(new URL(`${url}/sse`), { requestInit: token }),
};

describe.each(Object.entries(over))('a question over %s, when the server stops', (_name, transportTo) => {
  let aerie: Aerie;
  let client: Client;
  let questions: number;
  let withdrawn: (string | undefined)[];
  beforeEach(async () => {
    begun = 0;
    questions = 0;
    withdrawn = [];
    closeGate();
    aerie = await startAerie({
      modules: [Tools],
      environment: { MCP_SESSIONS: 'on', MCP_SSE: 'on', SHUTDOWN_TIMEOUT: '20s' },
    });
    client = new Client({ name: 'person who thinks', version: '1' }, { capabilities: { elicitation: {} } });
    client.setRequestHandler(ElicitRequestSchema, () => {
      questions++;
      return new Promise(() => {});
    });
    // The client itself overlooks the withdrawal of its first question, whose ID is 0.
    client.setNotificationHandler(CancelledNotificationSchema, ({ params }) => {
      withdrawn.push(params.reason);
    });
    await client.connect(
      transportTo(aerie.url, { headers: { authorization: `Bearer ${await aerie.token()}` } }),
    );
  });
  afterEach(async () => {
    gate.open();
    await client.close();
    await aerie.close();
  });

  /** Calls a tool, and resolves with what its client is told in the end. */
  const outcomeOf = (name: string): Promise<string> =>
    client.callTool({ name }).then(JSON.stringify, (error: unknown) => String(error));

  it('ends with an error, because no answer could arrive', async () => {
    const outcome = outcomeOf('ask_name');
    await until(() => questions === 1);
    const start = performance.now();
    await aerie.application.close();
    expect(performance.now() - start).toBeLessThan(SOON_MS);
    expect(await outcome).toMatch(/-32000: The server is stopping, .* Repeat the call\./);
    expect(withdrawn).toEqual([expect.stringContaining('The server is stopping')]);
  });

  it('is not asked any more', async () => {
    const outcome = outcomeOf('ask_late');
    await until(() => begun === 1);
    const start = performance.now();
    const closed = aerie.application.close();
    setImmediate(gate.open);
    await closed;
    expect(performance.now() - start).toBeLessThan(SOON_MS);
    expect(await outcome).toMatch(/The server is stopping, .* Repeat the call\..*"isError":true/);
    expect(questions).toBe(0);
  });
});
