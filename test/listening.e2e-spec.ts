import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { Module } from '@nestjs/common';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import { Admission } from '../src/mcp/admission/admission.js';
import { LiveCatalog, ResourceUpdates } from '../src/mcp/index.js';
import { Listeners } from '../src/mcp/streamable-http/listeners.js';
import { Wiki } from './examples/pages.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { runCommand } from './support/run-command.js';
import { type ListenFilter, Listener } from './support/listener.js';
import { parserOfNextRequest } from './support/parser-of-next-request.js';
import { MODERN, MODERN_ENVELOPE, post, postModern, toolCall } from './support/rpc.js';
import { WatchedToolsModule } from './support/watched.tools.js';
import { until } from './support/until.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

@Module({ providers: [Wiki] })
class WikiModule {}

const BOARD = 'board://plan';
const TO_BOARD: ListenFilter = { resourceSubscriptions: [BOARD] };

const start = (environment?: NodeJS.ProcessEnv): Promise<Aerie> =>
  startAerie({ modules: [WatchedToolsModule], ...(environment && { environment }) });
const listenersOf = ({ application }: Aerie): number => application.get(Listeners).size;
const tokenOf = (
  aerie: Aerie,
  organizationId: string,
  scope = 'todo:read',
  subject?: string,
): Promise<string> =>
  aerie.token({ scope, claims: { oid: organizationId, ...(subject !== undefined && { sub: subject }) } });
const call = async (aerie: Aerie, token: string, name: string, args?: object): Promise<number> =>
  (await postModern(aerie.url, token, toolCall(name, args))).status;

describe('listeners', () => {
  let aerie: Aerie;
  let acme: string;
  let globex: string;
  beforeAll(async () => {
    aerie = await start();
    acme = await tokenOf(aerie, 'org_acme');
    globex = await tokenOf(aerie, 'org_globex');
  });
  afterAll(() => aerie?.close());

  const opened: Listener[] = [];
  afterEach(async () => {
    for (const listener of opened.splice(0)) listener.vanish();
    await until(() => listenersOf(aerie) === 0);
  });
  const listen = async (token: string, filter: ListenFilter): Promise<Listener> => {
    const listener = await Listener.open(aerie.url, token, filter);
    opened.push(listener);
    return listener;
  };
  const touch = (token: string, uri = BOARD): Promise<number> => call(aerie, token, 'change', { uri });

  it('of a URI are notified of changes in their own organization', async () => {
    const [atAcme, colleague, atGlobex] = [
      await listen(acme, TO_BOARD),
      await listen(await tokenOf(aerie, 'org_acme', 'todo:read', 'usr_colleague'), TO_BOARD),
      await listen(globex, TO_BOARD),
    ];
    expect(atGlobex.acknowledged).toEqual(TO_BOARD);
    await touch(acme);
    await atAcme.heard(2);
    await colleague.heard(2);
    await touch(globex);
    await atGlobex.heard(2);
    const once = [`notifications/resources/updated ${BOARD}`];
    expect([atAcme.events, colleague.events, atGlobex.events]).toEqual([once, once, once]);
    expect(atAcme.messages[1]?.params?._meta).toEqual({ 'io.modelcontextprotocol/subscriptionId': 7 });
  });

  it('get only resources that they may read, without learning of others', async () => {
    const uris = [BOARD, 'vault://plans', 'nothing://there', 'news://all', 'news://all'];
    const listener = await listen(acme, { resourceSubscriptions: uris, toolsListChanged: true });
    expect(listener.acknowledged).toEqual({
      resourceSubscriptions: [BOARD, 'news://all'],
      toolsListChanged: true,
    });
    const unscoped = await listen(await tokenOf(aerie, 'org_acme', 'usr:read'), {
      resourceSubscriptions: [BOARD],
      toolsListChanged: true,
    });
    expect(unscoped.acknowledged).toEqual({ toolsListChanged: true });
    await touch(acme, 'vault://plans');
    await touch(acme, 'nothing://there');
    await touch(acme);
    await listener.heard(2);
    aerie.application.get(ResourceUpdates).resourceUpdated('news://all', 'everybody');
    await listener.heard(3);
    expect(listener.events).toEqual([
      `notifications/resources/updated ${BOARD}`,
      'notifications/resources/updated news://all',
    ]);
    expect(unscoped.events).toEqual([]);
  });

  it('without a granted resource get the result at once', async () => {
    const listener = await listen(acme, { resourceSubscriptions: ['vault://plans'] });
    await listener.ended;
    expect(listener.acknowledged).toEqual({});
    expect(listener.messages).toHaveLength(2);
    expect(listener.messages[1]).toMatchObject({ id: 7, result: { resultType: 'complete' } });
  });

  it('do not keep their token in memory', async () => {
    const requests: IncomingMessage[] = [];
    const server: Server = aerie.application.getHttpServer();
    const onRequest = (request: IncomingMessage): void => void requests.push(request);
    server.on('request', onRequest);
    await listen(acme, { toolsListChanged: true });
    server.off('request', onRequest);
    expect(requests.map((request) => inspect(request, { depth: 5 }))).toEqual([
      expect.not.stringContaining(acme),
    ]);
  });

  it('do not keep their message in memory', async () => {
    const heap = (): number => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    await listen(acme, { toolsListChanged: true });
    const before = heap();
    for (let stream = 0; stream < 20; stream++) {
      const pad = `${stream}${'x'.repeat(900_000)}`;
      opened.push(await Listener.open(aerie.url, acme, { toolsListChanged: true }, 7, { pad }));
    }
    expect(heap() - before).toBeLessThan(5_000_000);
  });

  it('do not keep their HTTP parser in memory', async () => {
    const parser = parserOfNextRequest(aerie);
    await listen(acme, { toolsListChanged: true });
    await until(() => parser() === null);
    expect(parser()).toBeNull();
  });

  it('of lists are notified of changes', async () => {
    const [lists, other, tools] = [
      await listen(acme, { resourcesListChanged: true }),
      await listen(globex, { resourcesListChanged: true }),
      await listen(acme, { toolsListChanged: true }),
    ];
    await call(aerie, acme, 'add');
    await lists.heard(2);
    const live = aerie.application.get(LiveCatalog);
    // A change that is published again before its delivery is delivered once.
    const removeResource = live.addResource(
      { uri: 'late://here', name: 'late', scopes: 'authenticated' },
      () => '',
    );
    await Promise.all([lists.heard(3), other.heard(2)]);
    removeResource();
    await Promise.all([lists.heard(4), other.heard(3)]);
    live.addPrompt({ name: 'late', scopes: 'authenticated' }, () => '')();
    const removeTool = live.addTool(
      { name: 'late', description: 'Late.', scopes: 'authenticated' },
      () => '',
    );
    await tools.heard(2);
    removeTool();
    await tools.heard(3);
    expect(lists.events).toEqual(Array(3).fill('notifications/resources/list_changed'));
    expect(other.events).toEqual(Array(2).fill('notifications/resources/list_changed'));
    expect(tools.events).toEqual(Array(2).fill('notifications/tools/list_changed'));
  });

  it('with too many resources are rejected', async () => {
    const uris = Array.from({ length: 1_001 }, (_, index) => `board://${index}`);
    await expect(listen(acme, { resourceSubscriptions: uris })).rejects.toThrow('400');
  });

  it('with a long id, which each message would repeat, are rejected', async () => {
    const params = { notifications: { toolsListChanged: true } };
    const listening = { method: 'subscriptions/listen', params };
    const long = await postModern(aerie.url, acme, { ...listening, id: 'x'.repeat(257) });
    expect([long.status, await long.json()]).toMatchObject([400, { error: { code: -32_602 } }]);
  });

  it('need a request: a notification opens no stream', async () => {
    const listening = {
      jsonrpc: '2.0',
      method: 'subscriptions/listen',
      params: { notifications: { toolsListChanged: true }, _meta: MODERN_ENVELOPE },
    };
    const headers = { 'mcp-protocol-version': MODERN, 'mcp-method': listening.method };
    const response = await post(aerie.url, acme, listening, headers);
    expect([response.status, await response.text()]).toEqual([202, '']);
    await until(() => listenersOf(aerie) === 0);
  });

  it('without a filter are answered by the SDK', async () => {
    const response = await postModern(aerie.url, acme, { method: 'subscriptions/listen' });
    expect(await response.json()).toMatchObject({ id: 1, error: { code: -32_602 } });
    await until(() => listenersOf(aerie) === 0);
  });

  it('are released when two hundred disconnect at once', async () => {
    const tokens = await Promise.all(
      Array.from({ length: 25 }, (_, index) => tokenOf(aerie, 'org_acme', 'todo:read', `usr_${index}`)),
    );
    for (const token of tokens) {
      await Promise.all(Array.from({ length: 8 }, () => listen(token, TO_BOARD)));
    }
    expect(listenersOf(aerie)).toBe(200);
    for (const listener of opened.splice(0)) listener.vanish();
    await until(() => listenersOf(aerie) === 0);
    expect(await touch(acme)).toBe(200);
  }, 60_000);

  it('that do not read are disconnected', async () => {
    const listener = await listen(acme, { resourceSubscriptions: ['news://all'] });
    listener.stall();
    const updates = aerie.application.get(ResourceUpdates);
    for (let round = 0; round < 200_000 && listenersOf(aerie) > 0; round++) {
      updates.resourceUpdated('news://all', 'everybody');
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(listenersOf(aerie)).toBe(0);
  });

  it('are charged for what they do not read, until they are disconnected', async () => {
    const admission = aerie.application.get(Admission);
    const listener = await listen(acme, { resourceSubscriptions: ['news://all'] });
    listener.stall();
    const updates = aerie.application.get(ResourceUpdates);
    for (let round = 0; round < 200_000 && admission.heldBytes === 0; round++) {
      updates.resourceUpdated('news://all', 'everybody');
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(admission.heldBytes).toBeGreaterThan(0);
    listener.vanish();
    await until(() => admission.heldBytes === 0);
  });

  it('are disconnected when their token expires', async () => {
    const token = await aerie.token({ scope: 'todo:read', expiresInSeconds: 2 });
    const listener = await listen(token, TO_BOARD);
    const others = await listen(acme, TO_BOARD);
    await listener.ended;
    expect(listener.messages.at(-1)).toMatchObject({ id: 7, result: { resultType: 'complete' } });
    expect(others.messages).toHaveLength(1);
  });

  it('are disconnected when their token is revoked', async () => {
    const listener = await listen(await tokenOf(aerie, 'org_acme', 'todo:read', 'usr_leaving'), TO_BOARD);
    const others = await listen(acme, TO_BOARD);
    const { code } = await runCommand('revoke', ['--subject', 'usr_leaving'], process.cwd(), {
      STATE_DIRECTORY: aerie.stateDirectory,
    });
    expect(code).toBe(0);
    await listener.ended;
    expect(listener.events).toEqual(['result']);
    expect(others.messages).toHaveLength(1);
  });
});

describe('listening', () => {
  let aerie: Aerie | undefined;
  afterEach(async () => {
    await aerie?.close();
    aerie = undefined;
  });

  it('notifies the official client of a new tool', async () => {
    aerie = await start();
    const token = await aerie.token({ scope: 'todo:read' });
    const seen: string[][] = [];
    const updated: string[] = [];
    const client = new Client(
      { name: 'test', version: '1' },
      {
        versionNegotiation: { mode: 'auto' },
        listChanged: {
          tools: { onChanged: (_error, tools) => void seen.push(tools?.map(({ name }) => name) ?? []) },
        },
      },
    );
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
      updated.push(params.uri);
    });
    await client.connect(
      new StreamableHTTPClientTransport(new URL(aerie.url), {
        requestInit: { headers: { authorization: `Bearer ${token}` } },
      }),
    );
    expect(client.autoOpenedSubscription?.honoredFilter).toEqual({ toolsListChanged: true });
    const subscription = await client.listen({ resourceSubscriptions: [BOARD, 'vault://plans'] });
    expect(subscription.honoredFilter).toEqual({ resourceSubscriptions: [BOARD] });

    const live = aerie.application.get(LiveCatalog);
    const remove = live.addTool(
      { name: 'late', description: 'Late.', scopes: 'authenticated' },
      () => 'late',
    );
    await until(() => seen.length === 1);
    expect(seen[0]).toContain('late');
    expect(await client.callTool({ name: 'late', arguments: {} })).toMatchObject({
      content: [{ text: 'late' }],
    });
    remove();
    await until(() => seen.length === 2);
    expect(seen[1]).not.toContain('late');

    await client.callTool({ name: 'change', arguments: { uri: BOARD } });
    await until(() => updated.length === 1);
    expect(updated).toEqual([BOARD]);

    await subscription.close();
    await until(() => listenersOf(aerie!) === 1);
    await aerie.application.close();
    expect(await client.autoOpenedSubscription?.closed).toBe('graceful');
    await client.close();
  });

  it('ends with its result when the server stops, without delaying it', async () => {
    aerie = await start({ SHUTDOWN_TIMEOUT: '60s' });
    const token = await aerie.token({ scope: 'todo:read' });
    const listeners = await Promise.all(
      Array.from({ length: 20 }, () => Listener.open(aerie!.url, token, TO_BOARD)),
    );
    const began = performance.now();
    await aerie.application.close();
    expect(performance.now() - began).toBeLessThan(20_000);
    await Promise.all(listeners.map(({ ended }) => ended));
    for (const { events } of listeners) expect(events).toEqual(['result']);
  });

  it('does not delay the stop of the server when the client does not read', async () => {
    aerie = await start({ SHUTDOWN_TIMEOUT: '60s' });
    const { application } = aerie;
    const connections: Socket[] = [];
    application.getHttpServer().on('connection', (socket: Socket) => connections.push(socket));
    const listener = await Listener.open(aerie.url, await tokenOf(aerie, 'org_acme'), {
      resourceSubscriptions: ['news://all'],
    });
    listener.stall();
    const updates = application.get(ResourceUpdates);
    while (!connections.some(({ writableLength }) => writableLength > 100_000)) {
      for (let i = 0; i < 100; i++) updates.resourceUpdated('news://all', 'everybody');
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(listenersOf(aerie)).toBe(1);
    const began = performance.now();
    await application.close();
    expect(performance.now() - began).toBeLessThan(20_000);
    listener.vanish();
  });

  it('is limited per caller and in total', async () => {
    aerie = await start({ MAX_LISTENERS: '3', MAX_LISTENERS_PER_CALLER: '2' });
    const [one, other] = [
      await tokenOf(aerie, 'org_acme', 'todo:read', 'usr_one'),
      await tokenOf(aerie, 'org_acme', 'todo:read', 'usr_other'),
    ];
    const refusal = async (token: string): Promise<unknown> => {
      const response = await postModern(aerie!.url, token, {
        method: 'subscriptions/listen',
        params: { notifications: TO_BOARD },
        id: 9,
      });
      return [response.status, response.headers.get('retry-after'), await response.json()];
    };
    const first = await Listener.open(aerie.url, one, TO_BOARD);
    await Listener.open(aerie.url, one, TO_BOARD);
    expect(await refusal(one)).toEqual([
      429,
      '30',
      {
        jsonrpc: '2.0',
        id: 9,
        error: {
          code: -32_000,
          message: 'Too many streams from you are in use. Close a stream, or try again later.',
          data: { limit: 'listeners_caller', retryAfter: 30 },
        },
      },
    ]);
    await Listener.open(aerie.url, other, TO_BOARD);
    expect(await refusal(other)).toMatchObject([
      503,
      '30',
      { error: { data: { limit: 'listeners_instance' } } },
    ]);
    first.vanish();
    await until(() => listenersOf(aerie!) === 2);
    await Listener.open(aerie.url, one, TO_BOARD);
  });

  it('works as the documentation shows', async () => {
    aerie = await startAerie({ modules: [WikiModule] });
    const [acme, globex] = [
      await tokenOf(aerie, 'org_acme', 'usr:read'),
      await tokenOf(aerie, 'org_globex', 'usr:read'),
    ];
    const uri = 'wiki://Who%20we%20are';
    const ask = async (token: string, method: string, params: Record<string, unknown>): Promise<unknown> =>
      (await postModern(aerie!.url, token, { method, params }, { 'mcp-name': uri })).json();
    const filter = { resourceSubscriptions: [uri], resourcesListChanged: true };
    const ours = await Listener.open(aerie.url, acme, filter);
    const theirs = await Listener.open(aerie.url, globex, filter);
    const write = (): Promise<number> =>
      call(aerie!, acme, 'write_page', { title: 'Who we are', text: '# We' });
    await write();
    await write();
    await ours.heard(4);
    const updated = `notifications/resources/updated ${uri}`;
    expect(ours.events).toEqual([updated, 'notifications/resources/list_changed', updated]);
    expect(theirs.events).toEqual([]);

    expect(await ask(acme, 'resources/read', { uri })).toMatchObject({
      result: { contents: [{ uri, mimeType: 'text/markdown', text: '# We' }] },
    });
    expect(await ask(globex, 'resources/read', { uri })).toMatchObject({
      error: { code: -32_602, data: { uri } },
    });
    expect(await ask(acme, 'resources/list', {})).toMatchObject({
      result: { resources: expect.arrayContaining([expect.objectContaining({ uri, name: 'Who we are' })]) },
    });
    const typed = {
      ref: { type: 'ref/resource', uri: 'wiki://{title}' },
      argument: { name: 'title', value: 'Who' },
    };
    expect(await ask(acme, 'completion/complete', typed)).toMatchObject({
      result: { completion: { values: ['Who we are'] } },
    });
  });

  it('costs one call, and does not count as in flight', async () => {
    aerie = await start({ RATE_LIMIT_CALLER: '5/min', MAX_CALLS_IN_FLIGHT: '1' });
    const token = await tokenOf(aerie, 'org_acme');
    for (let i = 0; i < 3; i++) await Listener.open(aerie.url, token, TO_BOARD);
    expect(await call(aerie, token, 'change', { uri: 'news://all' })).toBe(200);
    expect(await call(aerie, token, 'change', { uri: BOARD })).toBe(200);
    expect(await call(aerie, token, 'change', { uri: BOARD })).toBe(429);
  });
});
