import { type Aerie, startAerie } from './support/aerie.js';
import { ERAS, message, messagesIn, post, postModern, toolCall } from './support/rpc.js';
import { SessionToolsModule } from './support/session.tools.js';
import { initialize, openSession, RawSession } from './support/sessions.js';

const JSON_TYPE = 'application/json';
const STREAM_TYPE = 'text/event-stream';
const PROGRESS = { _meta: { progressToken: 'p' } };
const typeOf = ({ headers }: Response): string => headers.get('content-type')?.split(';')[0] ?? '';

let aerie: Aerie;
let token: string;
beforeAll(async () => {
  aerie = await startAerie({
    modules: [SessionToolsModule],
    environment: { MCP_SESSIONS: 'on', INSTANCE_NAME: 'here' },
  });
  token = await aerie.token();
});
afterAll(() => aerie.close());

describe.each(ERAS)('a client of %s', (_era, send) => {
  const ask = (accept: string, request = toolCall('greet_user', { name: 'Saif' })): Promise<Response> =>
    send(aerie.url, token, request, { accept });

  it.each([
    [JSON_TYPE, JSON_TYPE],
    [STREAM_TYPE, STREAM_TYPE],
    ['*/*', JSON_TYPE],
    [`${STREAM_TYPE}, ${JSON_TYPE}`, JSON_TYPE],
  ])('that accepts %s gets %s', async (accept, type) => {
    const response = await ask(accept);
    expect([response.status, typeOf(response)]).toEqual([200, type]);
    expect(await messagesIn(response)).toEqual([
      expect.objectContaining({ id: 1, result: expect.anything() }),
    ]);
  });

  it('gets 406 if it accepts neither form', async () => {
    expect((await ask('text/html')).status).toBe(406);
  });

  it('gets no notifications if it accepts only JSON', async () => {
    const report = { method: 'tools/call', params: { name: 'report', arguments: {}, ...PROGRESS } };
    expect((await messagesIn(await ask(JSON_TYPE, report))).length).toBe(1);
    expect((await messagesIn(await ask(STREAM_TYPE, report))).length).toBeGreaterThan(1);
  });

  it('gets errors on a stream if it accepts only streams', async () => {
    const response = await ask(STREAM_TYPE, toolCall('no_such_tool'));
    expect([response.status, typeOf(response)]).toEqual([200, STREAM_TYPE]);
    expect(await messagesIn(response)).toMatchObject([{ id: 1, error: { code: -32_602 } }]);
  });
});

it('gets 406 for a stream of changes if it accepts only JSON', async () => {
  const params = { notifications: { toolsListChanged: true } };
  const ask = (accept: string): Promise<Response> =>
    postModern(aerie.url, token, { method: 'subscriptions/listen', params }, { accept });
  expect((await ask(JSON_TYPE)).status).toBe(406);
  const listening = await ask(STREAM_TYPE);
  expect([listening.status, typeOf(listening)]).toEqual([200, STREAM_TYPE]);
  await listening.body?.cancel();
});

it('refuses to initialize in a batch, also of one message', async () => {
  const session = await openSession(aerie.url, token);
  const both: readonly Record<string, string>[] = [{}, { 'mcp-session-id': session.id }];
  for (const headers of both) {
    const refused = await post(aerie.url, token, [initialize()], headers);
    expect([refused.status, await refused.text()]).toEqual([
      400,
      expect.stringContaining('must not be part'),
    ]);
  }
});

it('answers a batch with a JSON list or with events, whichever is accepted', async () => {
  const batch = [message(toolCall('greet_user', { name: 'A' }, 1)), message(toolCall('report', {}, 2))];
  const json = await post(aerie.url, token, batch, { accept: JSON_TYPE });
  expect(await json.json()).toMatchObject([{ id: 1 }, { id: 2 }]);
  const events = await messagesIn(await post(aerie.url, token, batch, { accept: STREAM_TYPE }));
  expect(events).toEqual(
    expect.arrayContaining([expect.objectContaining({ id: 1 }), expect.objectContaining({ id: 2 })]),
  );
});

describe('a session', () => {
  it.each([
    [JSON_TYPE, JSON_TYPE],
    [STREAM_TYPE, STREAM_TYPE],
  ])('serves a client that accepts only %s', async (accept, type) => {
    const opened = await post(aerie.url, token, initialize(), { accept });
    expect([opened.status, typeOf(opened)]).toEqual([200, type]);
    const id = opened.headers.get('mcp-session-id') ?? '';
    expect(await messagesIn(opened)).toMatchObject([{ result: { protocolVersion: '2025-11-25' } }]);

    const headers = { ...new RawSession(aerie.url, token, id).headers, accept };
    const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' };
    expect((await post(aerie.url, token, initialized, headers)).status).toBe(202);
    const called = await post(aerie.url, token, message(toolCall('report')), headers);
    expect([called.status, typeOf(called)]).toEqual([200, type]);
    expect((await messagesIn(called)).at(-1)).toMatchObject({
      id: 1,
      result: { content: [{ text: 'reported' }] },
    });
  });

  it('fails at once to ask a client that accepts only JSON', async () => {
    const opening = {
      ...initialize(),
      params: {
        protocolVersion: '2025-11-25',
        capabilities: { elicitation: {} },
        clientInfo: { name: 'test', version: '1' },
      },
    };
    const opened = await post(aerie.url, token, opening);
    const session = new RawSession(aerie.url, token, opened.headers.get('mcp-session-id') ?? '');
    await opened.text();
    await session.post({ jsonrpc: '2.0', method: 'notifications/initialized' });
    const headers = { ...session.headers, accept: JSON_TYPE };
    const response = await post(aerie.url, token, message(toolCall('ask_name')), headers);
    const answer = (await response.json()) as { error?: object; result?: { isError?: boolean } };
    expect(answer.error !== undefined || answer.result?.isError === true).toBe(true);
  });

  it('that has ended is replaced when its client initializes', async () => {
    const session = await openSession(aerie.url, token);
    await session.delete();
    for (const stale of [session.id, 'here-00000000-0000-4000-8000-000000000000', 'x']) {
      const response = await post(aerie.url, token, initialize(), { 'mcp-session-id': stale });
      const id = response.headers.get('mcp-session-id');
      expect([response.status, id === null, id === stale]).toEqual([200, false, false]);
      await response.text();
      expect(await new RawSession(aerie.url, token, id ?? '').result('ping')).toEqual({});
    }
    expect((await session.post(message({ method: 'ping' }))).status).toBe(404);
  });

  it('of another caller is unaffected by an initialize with its id', async () => {
    const session = await openSession(aerie.url, token);
    const stranger = await aerie.token({ claims: { sub: 'usr_other' } });
    const response = await post(aerie.url, stranger, initialize(), { 'mcp-session-id': session.id });
    expect(response.headers.get('mcp-session-id')).not.toBe(session.id);
    await response.text();
    expect(await session.result('ping')).toEqual({});
  });
});
