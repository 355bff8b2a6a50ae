import { ChangeEvents } from '../src/mcp/events/change-events.js';
import { OpenStreams } from '../src/mcp/events/open-streams.js';
import { LiveCatalog } from '../src/mcp/index.js';
import { McpSessions } from '../src/mcp/sessions/mcp-sessions.js';
import { SessionRegistry } from '../src/mcp/sessions/session-registry.js';
import { type Aerie, type AerieOptions, startAerie } from './support/aerie.js';
import { runCommand } from './support/run-command.js';
import { parserOfNextRequest } from './support/parser-of-next-request.js';
import { message, post, postModern, toolCall } from './support/rpc.js';
import { closeGate, gate, SessionToolsModule, waited } from './support/session.tools.js';
import { EventReader, initialize, openSession, RawSession } from './support/sessions.js';
import { until } from './support/until.js';

const servers: Aerie[] = [];
async function start(environment: NodeJS.ProcessEnv = {}, options: AerieOptions = {}): Promise<Aerie> {
  const aerie = await startAerie({
    modules: [SessionToolsModule],
    ...options,
    environment: { MCP_SESSIONS: 'on', INSTANCE_NAME: 'here', ...environment },
  });
  servers.push(aerie);
  return aerie;
}

const registryOf = ({ application }: Aerie): SessionRegistry => application.get(SessionRegistry);
const call = (name: string, input: object = {}): [string, object] => [
  'tools/call',
  { name, arguments: input },
];
const errorOf = async (response: Response): Promise<unknown> => ({
  status: response.status,
  body: await response.json(),
});

/** Breaks a connection, and waits until the server has noticed. */
const loseOf =
  (aerie: () => Aerie) =>
  async (reader: EventReader): Promise<void> => {
    const streams = aerie().application.get(OpenStreams);
    const before = streams.size;
    await reader.abandon();
    await until(() => streams.size < before);
  };

describe('sessions', () => {
  let aerie: Aerie;
  const lose = loseOf(() => aerie);
  beforeAll(async () => {
    aerie = await start();
  });
  afterAll(async () => {
    for (const server of servers.splice(0)) await server.close();
  });
  beforeEach(() => {
    waited.length = 0;
    closeGate();
  });
  afterEach(() => gate.open());

  describe('begin and end', () => {
    it('with initialize and DELETE', async () => {
      const session = await openSession(aerie.url, await aerie.token());
      expect(session.id).toMatch(/^here-[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
      expect(await session.result('tools/list')).toMatchObject({ tools: expect.any(Array) });
      expect(await session.result('ping')).toEqual({});

      expect((await session.delete()).status).toBe(200);
      expect((await session.delete()).status).toBe(404);
      expect((await session.post(message({ method: 'ping' }))).status).toBe(404);
      expect((await session.get()).status).toBe(404);
    });

    it('and list the supported revisions when they reject another', async () => {
      const token = await aerie.token();
      const { id } = await openSession(aerie.url, token);
      const headers = { 'mcp-session-id': id, 'mcp-protocol-version': '1999-01-01' };
      const listening = { ...headers, authorization: `Bearer ${token}`, accept: 'text/event-stream' };
      const responses = [
        await post(aerie.url, token, message({ method: 'ping' }), headers),
        await fetch(aerie.url, { headers: listening }),
      ];
      for (const response of responses) {
        expect(response.status).toBe(400);
        expect(await response.text()).toContain(
          'Unsupported protocol version (supported versions: 2026-07-28, 2025-11-25, ',
        );
      }
    });

    it('and tell a client without one how a tool can ask the user', async () => {
      const response = await post(aerie.url, await aerie.token(), message(toolCall('ask_name')));
      expect(await response.text()).toContain(
        'This tool must ask the user, which this connection does not support. ' +
          'Use an MCP 2026-07-28 client, or open a session with initialize.',
      );
    });

    it('and requests without a session id open none, in either era', async () => {
      const token = await aerie.token();
      const before = registryOf(aerie).size;
      const legacy = await post(aerie.url, token, message(toolCall('greet_user', { name: 'Saif' })));
      expect(legacy.headers.get('mcp-session-id')).toBeNull();
      expect(legacy.headers.get('content-type')).toContain('application/json');
      const modern = await postModern(
        aerie.url,
        token,
        { method: 'tools/list' },
        { 'mcp-session-id': 'here-nothing' },
      );
      expect(modern.status).toBe(200);
      expect(registryOf(aerie).size).toBe(before);
    });

    it.each(['GET', 'DELETE'])('and %s needs a session id', async (method) => {
      const headers = { authorization: `Bearer ${await aerie.token()}`, accept: 'text/event-stream' };
      expect((await fetch(aerie.url, { method, headers })).status).toBe(400);
      expect((await fetch(aerie.url, { method: 'PUT', headers })).headers.get('allow')).toBe(
        'GET, POST, DELETE',
      );
    });

    it('and a failed initialize leaves no session', async () => {
      const before = registryOf(aerie).size;
      const invalid = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: 1 } };
      await (await post(aerie.url, await aerie.token(), invalid)).text();
      expect(registryOf(aerie).size).toBe(before);
    });

    it('only once', async () => {
      const session = await openSession(aerie.url, await aerie.token());
      expect((await session.post(initialize())).status).toBe(400);
      expect(await session.result('ping')).toEqual({});
    });

    it('and are off by default', async () => {
      const other = await start({ MCP_SESSIONS: '' });
      const token = await other.token();
      const response = await post(other.url, token, initialize());
      expect(response.headers.get('mcp-session-id')).toBeNull();
      expect((await new RawSession(other.url, token, 'here-x').get()).status).toBe(405);
    });
  });

  describe('belong to the caller that opened them', () => {
    const others = {
      'another subject': { claims: { sub: 'usr_other' } },
      'another organization': { claims: { oid: 'org_other' } },
      'another client': { claims: { client_id: 'skc_other' } },
      'no organization': { claims: { oid: undefined, org_id: undefined } },
    };

    it.each(Object.entries(others))('and do not exist for %s', async (_who, request) => {
      const session = await openSession(aerie.url, await aerie.token());
      const token = await aerie.token(request);
      const stranger = new RawSession(aerie.url, token, session.id);
      const unknown = new RawSession(aerie.url, token, 'here-00000000-0000-4000-8000-000000000000');
      const ping = message({ method: 'ping' });

      expect(await errorOf(await stranger.post(ping))).toEqual(await errorOf(await unknown.post(ping)));
      expect(await errorOf(await stranger.get())).toEqual(await errorOf(await unknown.get()));
      expect(await errorOf(await stranger.get('x'))).toEqual(await errorOf(await unknown.get('x')));
      const refused = await errorOf(await stranger.delete());
      expect(refused).toEqual(await errorOf(await unknown.delete()));
      expect(refused).toMatchObject({ status: 404, body: { error: { code: -32_001 } } });
      expect(await session.result('ping')).toEqual({});
    });

    it('and no id replaces a token', async () => {
      const session = await openSession(aerie.url, await aerie.token());
      expect((await post(aerie.url, undefined, message({ method: 'ping' }), session.headers)).status).toBe(
        401,
      );
      expect((await fetch(aerie.url, { headers: session.headers })).status).toBe(401);
    });

    it('and each request has the rights of its own token', async () => {
      const poor = await aerie.token({ scope: 'usr:read' });
      const session = await openSession(aerie.url, poor);
      const list = message({ method: 'resources/read', params: { uri: 'test://secret' } });
      expect((await session.post(list)).status).toBe(403);

      const rich = await aerie.token({ scope: 'usr:read todo:read' });
      const answered = await new RawSession(aerie.url, rich, session.id).result('resources/read', {
        uri: 'test://secret',
      });
      expect(answered).toMatchObject({ contents: [{ text: 'nothing' }] });
      expect((await session.post(list)).status).toBe(403);
    });
  });

  describe('are limited', () => {
    it('per caller: an unused session ends, a session in use does not', async () => {
      const small = await start({ MAX_SESSIONS_PER_CALLER: '2' });
      const token = await small.token();
      const first = await openSession(small.url, token);
      const second = await openSession(small.url, token);
      await first.result('ping');
      const third = await openSession(small.url, token);
      expect((await second.post(message({ method: 'ping' }))).status).toBe(404);

      const streams = [await first.listen(), await third.listen()];
      const refused = await post(small.url, token, initialize());
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
      expect(await refused.json()).toMatchObject({ error: { data: { limit: 'sessions_caller' } } });
      // Another caller can still open one.
      await openSession(small.url, await small.token({ claims: { sub: 'usr_other' } }));
      for (const stream of streams) await stream.abandon();
    });

    it('in total', async () => {
      const small = await start({ MAX_SESSIONS: '1' });
      await openSession(small.url, await small.token());
      const other = await small.token({ claims: { sub: 'usr_other' } });
      const refused = await post(small.url, other, initialize());
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '60']);
      expect((await post(small.url, other, message({ method: 'tools/list' }))).status).toBe(200);
    });

    it('in idle time: unused sessions end, but not sessions in use or with a running call', async () => {
      const short = await start({ SESSION_IDLE_TIMEOUT: '600ms' });
      const token = await short.token();
      const idle = await openSession(short.url, token);
      const used = await openSession(short.url, token);
      const working = await openSession(short.url, token);
      const running = await working.request(...call('wait'));
      await until(() => waited.includes('began'));
      const interval = setInterval(() => void used.post(message({ method: 'ping' })), 100);
      await until(() => registryOf(short).size === 2);
      clearInterval(interval);
      expect((await idle.post(message({ method: 'ping' }))).status).toBe(404);
      expect((await used.post(message({ method: 'ping' }))).status).toBe(200);

      await until(() => registryOf(short).size === 1);
      gate.open();
      expect((await running.rest()).at(-1)?.message).toMatchObject({ id: 1, result: expect.anything() });
      await until(() => registryOf(short).size === 0);
    });

    it('by the rate limits of their caller', async () => {
      const small = await start({ RATE_LIMIT_CALLER: '4/h' });
      const session = await openSession(small.url, await small.token());
      expect((await session.get()).status).toBe(200);
      expect((await session.post(message({ method: 'ping' }))).status).toBe(200);
      expect((await session.post(message({ method: 'ping' }))).status).toBe(429);
      expect((await session.get()).status).toBe(429);
    });
  });

  describe('listen', () => {
    const changesOf = ({ application }: Aerie): ChangeEvents => application.get(ChangeEvents);

    it('to lists that change', async () => {
      const session = await openSession(aerie.url, await aerie.token());
      const stream = await session.listen();
      const live = aerie.application.get(LiveCatalog);
      const remove = live.addTool(
        { name: 'added', description: 'New.', scopes: 'authenticated' },
        () => 'new',
      );
      const changed = await stream.until(({ message: sent }) => sent !== undefined);
      expect(changed).toMatchObject({
        id: expect.any(String),
        message: { method: 'notifications/tools/list_changed' },
      });
      remove();
      await stream.abandon();
    });

    it('to subscribed resources of their organization that they may read', async () => {
      const mine = await openSession(aerie.url, await aerie.token({ user: 'alice' }));
      const theirs = await openSession(aerie.url, await aerie.token({ user: 'bob' }));
      const deaf = await openSession(aerie.url, await aerie.token({ user: 'alice' }));
      const streams = await Promise.all([mine, theirs, deaf].map((session) => session.listen()));
      for (const session of [mine, theirs]) {
        expect(await session.result('resources/subscribe', { uri: 'test://news' })).toEqual({});
      }
      const publish = (organizationId: string, uri: string): void =>
        changesOf(aerie).publish({ kind: 'resource_updated', uri, audience: { organizationId } });
      const [acme, globex] = ['org_acme', 'org_globex'];
      publish(acme, 'test://news');
      publish(globex, 'test://news');
      publish(globex, 'test://secret');
      changesOf(aerie).publish({ kind: 'list_changed', list: 'prompts', audience: 'everybody' });

      const heard = await Promise.all(
        streams.map(async (stream) => {
          await stream.until(({ message: sent }) => sent?.method === 'notifications/prompts/list_changed');
          return stream.seen.flatMap(({ message: sent }) =>
            sent?.params?.['uri'] ? [sent.params['uri']] : [],
          );
        }),
      );
      expect(heard).toEqual([['test://news'], ['test://news'], []]);

      expect(await mine.result('resources/unsubscribe', { uri: 'test://news' })).toEqual({});
      publish(acme, 'test://news');
      changesOf(aerie).publish({ kind: 'list_changed', list: 'prompts', audience: 'everybody' });
      expect((await streams[0]?.next())?.message?.method).toBe('notifications/prompts/list_changed');
      for (const stream of streams) await stream.abandon();
    });

    it('and a stream announces only resources that its own token may read', async () => {
      const rich = await openSession(aerie.url, await aerie.token({ scope: 'usr:read todo:read' }));
      const poor = new RawSession(aerie.url, await aerie.token({ scope: 'usr:read' }), rich.id);
      const stream = await poor.listen();
      for (const uri of ['test://news', 'test://secret']) {
        expect(await rich.result('resources/subscribe', { uri })).toEqual({});
      }
      const audience = { organizationId: 'org_acme' };
      for (const uri of ['test://secret', 'test://news']) {
        changesOf(aerie).publish({ kind: 'resource_updated', uri, audience });
      }
      expect((await stream.next())?.message?.params).toEqual({ uri: 'test://news' });
      await stream.abandon();
    });

    it('and cannot subscribe to resources that they may not read', async () => {
      const session = await openSession(aerie.url, await aerie.token());
      const subscribe = { method: 'resources/subscribe', params: { uri: 'test://secret' } };
      expect((await session.post(message(subscribe))).status).toBe(403);
    });

    it('without an HTTP parser in memory', async () => {
      const session = await openSession(aerie.url, await aerie.token());
      const parser = parserOfNextRequest(aerie);
      const stream = await session.listen();
      await until(() => parser() === null);
      expect(parser()).toBeNull();
      await stream.abandon();
    });

    it('on one connection: a new one replaces the last', async () => {
      const session = await openSession(aerie.url, await aerie.token());
      const first = await session.listen();
      const second = await session.listen();
      expect(await first.rest()).toEqual([]);
      changesOf(aerie).publish({ kind: 'list_changed', list: 'tools', audience: 'everybody' });
      expect((await second.next())?.message?.method).toBe('notifications/tools/list_changed');
      await second.abandon();
    });
  });

  describe('answer a request', () => {
    const formOf = (response: Response): string | null => response.headers.get('content-type');
    const answered = async (accept: string): Promise<Response> => {
      const session = await openSession(aerie.url, await aerie.token());
      return post(session.url, session.token, message({ method: 'ping' }), { ...session.headers, accept });
    };

    it('as JSON, if the answer is prompt and the client accepts JSON, and keep no event', async () => {
      const before = aerie.application.get(McpSessions).keptEvents;
      for (const accept of ['application/json, text/event-stream', 'application/json']) {
        const response = await answered(accept);
        expect([formOf(response), await response.json()]).toEqual([
          'application/json; charset=utf-8',
          { jsonrpc: '2.0', id: 1, result: {} },
        ]);
      }
      expect(aerie.application.get(McpSessions).keptEvents).toBe(before);
    });

    it('on an event stream to resume from, if the client accepts only that or the answer takes longer', async () => {
      const only = await answered('text/event-stream');
      expect(formOf(only)).toContain('text/event-stream');
      expect(await new EventReader(only).rest()).toMatchObject([
        { message: undefined },
        { message: { id: 1 } },
      ]);

      const session = await openSession(aerie.url, await aerie.token());
      const reader = await session.request(...call('wait'));
      expect(await reader.next()).toMatchObject({ id: expect.any(String) as unknown, message: undefined });
      gate.open();
      expect(formOf(reader.response)).toContain('text/event-stream');
      expect(await reader.rest()).toMatchObject([{ message: { id: 1 } }]);
    });

    it('to nobody, if the client disconnects before', async () => {
      const session = await openSession(aerie.url, await aerie.token());
      const gone = new AbortController();
      const body = JSON.stringify(message({ method: 'tools/call', params: { name: 'wait', arguments: {} } }));
      const headers = {
        ...session.headers,
        authorization: `Bearer ${session.token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      };
      const lost = fetch(session.url, { method: 'POST', headers, body, signal: gone.signal });
      await until(() => waited.includes('began'));
      gone.abort();
      await expect(lost).rejects.toThrow();
      gate.open();
      await until(() => waited.includes('ended'));
      expect(await session.result('ping')).toEqual({});
    });
  });

  describe('resume after a broken connection', () => {
    const RICH = 'usr:read todo:read';

    it('only with a token that has all rights of the call’s token', async () => {
      const session = await openSession(aerie.url, await aerie.token({ scope: RICH }));
      const reader = await session.request(...call('wait'));
      const mark = await reader.next();
      await lose(reader);
      gate.open();
      await until(() => waited.includes('ended'));

      const refused = await session.get(mark?.id, await aerie.token({ scope: 'usr:read' }));
      expect(refused.status).toBe(403);
      expect(refused.headers.get('www-authenticate')).toMatch(
        /error="insufficient_scope".* scope="todo:read usr:read"/,
      );
      const richer = await session.get(mark?.id, await aerie.token({ scope: `${RICH} todo:write` }));
      expect((await new EventReader(richer).rest()).at(-1)?.message).toMatchObject({ id: 1 });
    });

    it('without notifications for resources that the token may no longer read', async () => {
      const session = await openSession(aerie.url, await aerie.token({ scope: RICH }));
      const stream = await session.listen();
      for (const uri of ['test://news', 'test://secret']) {
        expect(await session.result('resources/subscribe', { uri })).toEqual({});
      }
      const changes = aerie.application.get(ChangeEvents);
      const audience = { organizationId: 'org_acme' };
      for (const uri of ['test://news', 'test://secret']) {
        changes.publish({ kind: 'resource_updated', uri, audience });
      }
      const urisOf = (reader: EventReader): unknown[] =>
        reader.seen.flatMap(({ message: sent }) => sent?.params?.['uri'] ?? []);
      await stream.until(({ message: sent }) => sent?.params?.['uri'] === 'test://secret');
      expect(urisOf(stream)).toEqual(['test://news', 'test://secret']);
      const [mark] = stream.seen;
      await lose(stream);

      const poor = await aerie.token({ scope: 'usr:read' });
      const resumed = new EventReader(await session.get(mark?.id, poor));
      await resumed.until(({ message: sent }) => sent?.params?.['uri'] === 'test://news');
      changes.publish({ kind: 'list_changed', list: 'prompts', audience: 'everybody' });
      await resumed.until(({ message: sent }) => sent?.method === 'notifications/prompts/list_changed');
      expect(urisOf(resumed)).toEqual(['test://news']);
      await resumed.abandon();
    });

    it('at the last event, without loss or duplicates', async () => {
      const session = await openSession(aerie.url, await aerie.token());
      const reader = await session.request('tools/call', {
        name: 'wait',
        arguments: { steps: 3 },
        _meta: { progressToken: 'p' },
      });
      const second = await reader.until(({ message: sent }) => sent?.params?.['progress'] === 2);
      await lose(reader);
      gate.open();
      await until(() => waited.includes('ended'));

      const rest = await new EventReader(await session.get(second.id)).rest();
      expect(rest.map(({ message: sent }) => sent?.params?.['progress'] ?? sent?.id)).toEqual([
        3, 4, 5, 6, 1,
      ]);
      const ids = rest.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      // Resuming works from any later event, repeatedly.
      expect(await new EventReader(await session.get(ids[3])).rest()).toEqual(rest.slice(4));
    });

    it('while the call still runs, and get the remaining events as they come', async () => {
      const session = await openSession(aerie.url, await aerie.token());
      const reader = await session.request('tools/call', {
        name: 'wait',
        arguments: { steps: 2 },
        _meta: { progressToken: 'p' },
      });
      const mark = await reader.next();
      expect(mark).toEqual({ id: expect.any(String), data: '', message: undefined });
      await lose(reader);
      const resumed = new EventReader(await session.get(mark?.id));
      await resumed.until(({ message: sent }) => sent?.params?.['progress'] === 2);
      gate.open();
      const rest = await resumed.rest();
      expect(rest.map(({ message: sent }) => sent?.params?.['progress'] ?? sent?.id)).toEqual([3, 4, 1]);
    });

    it('after the handler has released the connection', async () => {
      const session = await openSession(aerie.url, await aerie.token());
      const reader = await session.request(...call('come_back'));
      const [mark, ...others] = await reader.rest();
      expect(others).toEqual([]);
      gate.open();
      const [answer] = await new EventReader(await session.get(mark?.id)).rest();
      expect(answer?.message).toMatchObject({ result: { content: [{ text: 'welcome back' }] } });
    });

    it('on a listening stream', async () => {
      const session = await openSession(aerie.url, await aerie.token());
      const events = aerie.application.get(ChangeEvents);
      const stream = new EventReader(await session.get());
      const mark = await stream.next();
      await lose(stream);

      events.publish({ kind: 'list_changed', list: 'tools', audience: 'everybody' });
      events.publish({ kind: 'list_changed', list: 'prompts', audience: 'everybody' });
      const resumed = await session.listen(mark?.id);
      const heard = async (): Promise<string | undefined> =>
        (await resumed.until(({ message: sent }) => sent !== undefined)).message?.method;
      expect([await heard(), await heard()]).toEqual([
        'notifications/tools/list_changed',
        'notifications/prompts/list_changed',
      ]);
      await resumed.abandon();
    });

    it('on a listening stream whose last event is no longer kept', async () => {
      const session = await openSession(aerie.url, await aerie.token());
      const resumed = new EventReader(await session.get('listening-00000000-0000-4000-8000-000000000000'));
      const mark = await resumed.next();
      const events = aerie.application.get(ChangeEvents);
      events.publish({ kind: 'list_changed', list: 'tools', audience: 'everybody' });
      expect((await resumed.next())?.message?.method).toBe('notifications/tools/list_changed');
      expect(mark?.id).toMatch(/^listening-/);
      await resumed.abandon();
    });

    it('but not after the last event of an ended stream', async () => {
      const session = await openSession(aerie.url, await aerie.token());
      const reader = await session.request(...call('wait'));
      gate.open();
      const last = (await reader.rest()).at(-1);
      expect(last?.message).toMatchObject({ result: {} });
      expect((await session.get(last?.id)).status).toBe(400);
      // Nor if only marks follow it, of connections that broke.
      closeGate();
      const cancelled = await session.request('tools/call', { name: 'wait', arguments: {} }, 2);
      const mark = await cancelled.next();
      await lose(cancelled);
      const resumed = new EventReader(await session.get(mark?.id));
      await resumed.next();
      await lose(resumed);
      const params = { requestId: 2 };
      await session.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params });
      await until(async () => (await session.get(mark?.id)).status === 400);
    });

    it('but not at an unknown event or an event of another session', async () => {
      const [one, other] = [
        await openSession(aerie.url, await aerie.token()),
        await openSession(aerie.url, await aerie.token()),
      ];
      const reader = await one.request(...call('wait'));
      const event = await reader.next();
      gate.open();
      await reader.rest();
      expect(event?.id).toMatch(/^[\da-f-]{36}$/);
      const foreign = await errorOf(await other.get(event?.id));
      expect(foreign).toMatchObject({ status: 400 });
      expect(foreign).toEqual(await errorOf(await other.get('00000000-0000-4000-8000-000000000000')));
      expect((await one.get(event?.id)).status).toBe(200);
    });
  });

  describe('cancel', () => {
    const cancel = (requestId: unknown): object => ({
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId },
    });

    it('a call: its signal aborts, and there is no response', async () => {
      const session = await openSession(aerie.url, await aerie.token());
      const reader = await session.request(...call('wait'));
      await until(() => waited.includes('began'));
      expect((await session.post(cancel(1))).status).toBe(202);
      const events = await reader.rest();
      expect(events.map(({ message: sent }) => sent)).toEqual([undefined]);
      await until(() => waited.includes('cancelled'));
      // The id is free again.
      expect(await session.result('ping')).toEqual({});
    });

    it('a call that was just sent: the response is an event stream without one', async () => {
      const session = await openSession(aerie.url, await aerie.token());
      const asked = session.request(...call('wait'));
      await until(() => waited.includes('began'));
      expect((await session.post(cancel(1))).status).toBe(202);
      const reader = await asked;
      expect(reader.response.headers.get('content-type')).toContain('text/event-stream');
      const events = await reader.rest();
      expect(events.map(({ message: sent }) => sent)).toEqual([undefined]);
    });

    it('no calls of other sessions', async () => {
      const [one, other] = [
        await openSession(aerie.url, await aerie.token()),
        await openSession(aerie.url, await aerie.token()),
      ];
      const reader = await one.request(...call('wait'));
      await until(() => waited.includes('began'));
      await other.post(cancel(1));
      gate.open();
      expect((await reader.rest()).at(-1)?.message?.id).toBe(1);
      expect(waited).toEqual(['began', 'ended']);
    });

    it('nothing on a lost connection', async () => {
      const session = await openSession(aerie.url, await aerie.token());
      const reader = await session.request(...call('wait'));
      await until(() => waited.includes('began'));
      await lose(reader);
      gate.open();
      await until(() => waited.includes('ended'));
    });

    it('all calls by ending the session', async () => {
      const session = await openSession(aerie.url, await aerie.token());
      const reader = await session.request(...call('wait'));
      await until(() => waited.includes('began'));
      await session.delete();
      await reader.rest();
      await until(() => waited.includes('cancelled'));
    });

    it('and reject a duplicate id of a running call', async () => {
      const session = await openSession(aerie.url, await aerie.token());
      const reader = await session.request(...call('wait'));
      await until(() => waited.includes('began'));
      expect((await session.post(message({ method: 'ping' }))).status).toBe(400);
      gate.open();
      await reader.rest();
    });
  });

  describe('and their token', () => {
    it('that expires ends the streams, and a new token continues the session', async () => {
      const session = await openSession(aerie.url, await aerie.token({ expiresInSeconds: 2 }));
      const stream = await session.listen();
      expect(await stream.rest()).toEqual([]);
      expect((await session.post(message({ method: 'ping' }))).status).toBe(401);
      const fresh = new RawSession(aerie.url, await aerie.token(), session.id);
      expect(await fresh.result('ping')).toEqual({});
    });

    it('that expires during a call ends no answer to it', async () => {
      const session = await openSession(aerie.url, await aerie.token({ expiresInSeconds: 2 }));
      const reader = await session.request('tools/call', { name: 'wait', arguments: {} }, 7);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      gate.open();
      const { message: answer } = await reader.until(({ message: sent }) => sent?.id === 7);
      expect(answer).toMatchObject({ result: { content: [{ text: 'waited' }] } });
    });

    it('that is revoked ends streams and session', async () => {
      const other = await start();
      const before = registryOf(other).size;
      const session = await openSession(other.url, await other.token({ claims: { sub: 'usr_left' } }));
      const stream = await session.listen();
      await runCommand('revoke', ['--subject', 'usr_left'], process.cwd(), {
        STATE_DIRECTORY: other.stateDirectory,
      });
      expect(await stream.rest()).toEqual([]);
      await until(() => registryOf(other).size === before);
    });
  });

  describe('answer each invalid element of a batch by itself', () => {
    const refusals = [
      { id: 7, error: { code: -32600 } },
      { id: null, error: { code: -32600 } },
    ];
    const invalid = [{ jsonrpc: '2.0', id: 7 }, 5];
    const ping = message({ method: 'ping', id: 1 });
    const notification = { jsonrpc: '2.0', method: 'notifications/roots/list_changed' };
    const send = async (batch: unknown[], accept: string): Promise<Response> => {
      const token = await aerie.token();
      const { id } = await openSession(aerie.url, token);
      return post(aerie.url, token, batch, { 'mcp-session-id': id, accept });
    };

    it.each([
      ['next to a request', [invalid[0], ping, invalid[1]], [...refusals, { id: 1, result: {} }]],
      ['next to a notification', [notification, ...invalid], refusals],
    ])('%s', async (_what, batch, answers) => {
      const json = await send(batch, 'application/json');
      expect([json.status, await json.json()]).toMatchObject([200, answers]);
      const stream = await send(batch, 'text/event-stream');
      const events = await new EventReader(stream).rest();
      expect(events.flatMap(({ message: sent }) => sent ?? [])).toMatchObject(answers);
    });

    it('but reject a batch of only invalid elements', async () => {
      expect((await send(invalid, 'application/json')).status).toBe(400);
    });
  });

  it('end with the server: at once without running calls, otherwise after them', async () => {
    const other = await start();
    const session = await openSession(other.url, await other.token());
    const stream = await session.listen();
    const reader = await session.request(...call('wait'));
    await until(() => waited.includes('began'));
    const closed = other.application.close();
    expect(await stream.rest()).toEqual([]);
    gate.open();
    expect((await reader.rest()).at(-1)?.message?.id).toBe(1);
    await closed;
    expect(registryOf(other).size).toBe(0);
  });
});
