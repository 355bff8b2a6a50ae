import type { IncomingMessage, Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';

import { ChangeEvents } from '../src/mcp/events/change-events.js';
import { SessionRegistry } from '../src/mcp/sessions/session-registry.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { changing, closeGate, gate, SessionToolsModule, waited } from './support/session.tools.js';
import { until } from './support/until.js';

const IDENTITY = { name: 'end-to-end test', version: '1.0.0' };
const CAPABILITIES = { elicitation: {}, sampling: {}, roots: {} };
const NAMED = { action: 'accept' as const, content: { name: 'Saif' } };
const WRITTEN = {
  model: 'a-model',
  role: 'assistant' as const,
  content: { type: 'text' as const, text: 'Written.' },
};
const ROOTS = { roots: [{ uri: 'file:///home/saif' }] };

interface Call {
  name: string;
  arguments: Record<string, unknown>;
}
interface CallOptions {
  signal?: AbortSignal;
  onprogress?: (progress: { progress: number; message?: string | undefined }) => void;
}
/** Connected client that answers every request of the server and records notifications. */
interface TestClient {
  call(call: Call, options?: CallOptions): Promise<unknown>;
  setLoggingLevel(level: 'debug' | 'warning'): Promise<unknown>;
  subscribeResource(parameters: { uri: string }): Promise<unknown>;
  readonly told: unknown[];
  close(): Promise<void>;
}

async function v2(url: string, token: string): Promise<TestClient> {
  const client = new Client(IDENTITY, { capabilities: CAPABILITIES, versionNegotiation: { mode: 'legacy' } });
  const told: unknown[] = [];
  client.setRequestHandler('elicitation/create', () => NAMED);
  client.setRequestHandler('sampling/createMessage', () => WRITTEN);
  client.setRequestHandler('roots/list', () => ROOTS);
  client.setNotificationHandler('notifications/message', ({ params }) => void told.push(params.data));
  client.setNotificationHandler('notifications/tools/list_changed', () => void told.push('tools'));
  client.setNotificationHandler(
    'notifications/resources/updated',
    ({ params }) => void told.push(params.uri),
  );
  const headers = { authorization: `Bearer ${token}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return {
    told,
    call: (call, options) => client.callTool(call, options),
    setLoggingLevel: (level) => client.setLoggingLevel(level),
    subscribeResource: (parameters) => client.subscribeResource(parameters),
    close: () => client.close(),
  };
}

async function v1Over(
  transport: TransportV1 | SSEClientTransport,
  capabilities: Partial<typeof CAPABILITIES> = CAPABILITIES,
): Promise<TestClient> {
  const client = new ClientV1(IDENTITY, { capabilities });
  const told: unknown[] = [];
  if (capabilities.elicitation) client.setRequestHandler(ElicitRequestSchema, () => NAMED);
  if (capabilities.sampling) client.setRequestHandler(CreateMessageRequestSchema, () => WRITTEN);
  if (capabilities.roots) client.setRequestHandler(ListRootsRequestSchema, () => ROOTS);
  client.setNotificationHandler(
    LoggingMessageNotificationSchema,
    ({ params }) => void told.push(params.data),
  );
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => void told.push('tools'));
  client.setNotificationHandler(
    ResourceUpdatedNotificationSchema,
    ({ params }) => void told.push(params.uri),
  );
  await client.connect(transport);
  return {
    told,
    call: (call, options) => client.callTool(call, undefined, options),
    setLoggingLevel: (level) => client.setLoggingLevel(level),
    subscribeResource: (parameters) => client.subscribeResource(parameters),
    close: () => client.close(),
  };
}

const withToken = (token: string): { requestInit: RequestInit } => ({
  requestInit: { headers: { authorization: `Bearer ${token}` } },
});

const CLIENTS: [string, (url: string, token: string) => Promise<TestClient>][] = [
  ['v2 in a session', v2],
  ['v1 in a session', (url, token) => v1Over(new TransportV1(new URL(url), withToken(token)))],
  ['v1 over SSE', (url, token) => v1Over(new SSEClientTransport(new URL(`${url}/sse`), withToken(token)))],
];

const text = (value: string): object => ({ content: [{ type: 'text', text: value }] });

describe.each(CLIENTS)('%s', (_name, connect) => {
  let aerie: Aerie;
  let client: TestClient;
  beforeAll(async () => {
    aerie = await startAerie({
      modules: [SessionToolsModule],
      environment: { MCP_SESSIONS: 'on', MCP_SSE: 'on' },
    });
  });
  afterAll(() => aerie.close());
  beforeEach(async () => {
    waited.length = 0;
    closeGate();
    client = await connect(aerie.url, await aerie.token());
  });
  afterEach(async () => {
    gate.open();
    await client.close();
  });

  it('calls a tool as without a session', async () => {
    const result = await client.call({ name: 'greet_user', arguments: { name: 'Saif' } });
    expect(result).toMatchObject(text('Hi Saif, welcome to Scalekit!'));
    expect(aerie.application.get(SessionRegistry).size).toBeGreaterThan(0);
  });

  it.each([
    ['a person', 'ask_name', 'Hello, Saif.'],
    ['a model', 'write', JSON.stringify(WRITTEN.content)],
    ['for folders', 'folders', 'file:///home/saif'],
  ])('is asked while it calls: %s', async (_what, name, answer) => {
    expect(await client.call({ name, arguments: {} })).toMatchObject(text(answer));
  });

  it('is asked in no mode that it does not support', async () => {
    const { content } = (await client
      .call({ name: 'ask_on_page', arguments: {} })
      .catch((error: unknown) => ({
        content: String(error),
      }))) as { content: unknown };
    expect(JSON.stringify(content)).toMatch(/did not declare|does not support/);
  });

  it('gets progress that increases, also if it is asked in between', async () => {
    const heard: number[] = [];
    const onprogress = ({ progress }: { progress: number }): void => void heard.push(progress);
    const call = { name: 'ask_halfway', arguments: {} };
    expect(await client.call(call, { onprogress })).toMatchObject(text('accept'));
    // Over SSE, version 1 of the SDK misses progress right before the answer.
    expect(_name === 'v1 over SSE' ? [1, 2].slice(0, heard.length) : [1, 2]).toEqual(heard);
    expect(heard).not.toEqual([]);
  });

  it('is asked again if the question changes, and its answer to the old one is discarded', async () => {
    changing.runs = 0;
    expect(await client.call({ name: 'ask_changing', arguments: {} })).toMatchObject(text('accept in run 3'));
  });

  it('has its call repeated as sent, if the tool changes its input', async () => {
    const call = { name: 'ask_revised', arguments: { title: 'Draft' } };
    expect(await client.call(call)).toMatchObject(text('Draft, revised accept'));
  });

  it('gets progress immediately and in order', async () => {
    const heard: number[] = [];
    const call = client.call(
      { name: 'wait', arguments: { steps: 3 } },
      { onprogress: ({ progress }) => void heard.push(progress) },
    );
    await until(() => heard.length === 3);
    expect(heard).toEqual([1, 2, 3]);
    gate.open();
    expect(await call).toMatchObject(text('waited'));
  });

  it('gets log messages of the requested level', async () => {
    await client.setLoggingLevel('warning');
    await client.call({ name: 'report', arguments: {} });
    expect(client.told).toEqual(['a warning']);
    await client.setLoggingLevel('debug');
    await client.call({ name: 'report', arguments: {} });
    expect(client.told).toEqual(['a warning', 'a detail', 'a warning']);
  });

  it('cancels a call and aborts its signal', async () => {
    const cancel = new AbortController();
    const call = client.call({ name: 'wait', arguments: {} }, { signal: cancel.signal });
    await until(() => waited.includes('began'));
    cancel.abort('no longer wanted');
    await expect(call).rejects.toThrow(/no longer wanted/);
    await until(() => waited.includes('cancelled'));
  });

  it('does not reconnect again and again after a canceled call', async () => {
    const server: Server = aerie.application.getHttpServer();
    let listens = 0;
    const count = ({ method }: IncomingMessage): void => void (listens += method === 'GET' ? 1 : 0);
    server.on('request', count);
    const cancel = new AbortController();
    const call = client.call({ name: 'wait', arguments: { steps: 1 } }, { signal: cancel.signal });
    await until(() => waited.includes('began'));
    cancel.abort('no longer wanted');
    await expect(call).rejects.toThrow(/no longer wanted/);
    await delay(6_000);
    server.off('request', count);
    expect(listens).toBeLessThanOrEqual(3);
  });

  it('gets the answer of a call that releases its connection repeatedly', async () => {
    expect(await client.call({ name: 'come_back_twice', arguments: {} })).toMatchObject(text('welcome back'));
  });

  it('gets notifications of changed lists and subscribed resources', async () => {
    const changes = aerie.application.get(ChangeEvents);
    await client.subscribeResource({ uri: 'test://news' });
    await until(() => {
      changes.publish({ kind: 'list_changed', list: 'tools', audience: 'everybody' });
      return client.told.includes('tools');
    });
    for (const organizationId of ['org_globex', 'org_acme']) {
      changes.publish({ kind: 'resource_updated', uri: 'test://news', audience: { organizationId } });
    }
    changes.publish({ kind: 'resource_updated', uri: 'test://secret', audience: 'everybody' });
    await until(() => client.told.includes('test://news'));
    const { length } = client.told;
    changes.publish({ kind: 'list_changed', list: 'tools', audience: 'everybody' });
    await until(() => client.told.length > length && client.told.at(-1) === 'tools');
    expect(client.told.filter((told) => told !== 'tools')).toEqual(['test://news']);
  });
});

it('returns a clear error to an SSE client that supports no questions', async () => {
  const aerie = await startAerie({ modules: [SessionToolsModule], environment: { MCP_SSE: 'on' } });
  try {
    const url = new URL(`${aerie.url}/sse`);
    const client = await v1Over(new SSEClientTransport(url, withToken(await aerie.token())), {});
    expect(await client.call({ name: 'ask_name', arguments: {} })).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('elicitation/create') }],
    });
    await client.close();
  } finally {
    await aerie.close();
  }
});
