import { OpenStreams } from '../src/mcp/events/open-streams.js';
import { SessionRegistry } from '../src/mcp/sessions/session-registry.js';
import { Admission } from '../src/mcp/admission/admission.js';
import { type Aerie, type AerieOptions, startAerie } from './support/aerie.js';
import { runCommand } from './support/run-command.js';
import { message, post, toolCall } from './support/rpc.js';
import { closeGate, gate, SessionToolsModule, waited } from './support/session.tools.js';
import { EventReader, initialize } from './support/sessions.js';
import { until } from './support/until.js';

const servers: Aerie[] = [];
async function start(environment: NodeJS.ProcessEnv = {}, options: AerieOptions = {}): Promise<Aerie> {
  const aerie = await startAerie({
    modules: [SessionToolsModule],
    ...options,
    environment: { MCP_SSE: 'on', INSTANCE_NAME: 'here', ...environment },
  });
  servers.push(aerie);
  return aerie;
}

const get = (aerie: Aerie, token: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${aerie.url}/sse`, { headers: { authorization: `Bearer ${token}`, ...headers } });

/** Opens a stream, whose first event names the URL to post to. */
async function open(aerie: Aerie, token: string): Promise<{ stream: EventReader; messages: string }> {
  const response = await get(aerie, token);
  if (response.status !== 200 || !response.body) throw new Error(`No stream: ${response.status}`);
  const stream = new EventReader(response);
  const messages = new URL((await stream.next())?.data ?? '', aerie.url).href;
  const opened = await post(messages, token, initialize('2024-11-05'));
  if (opened.status !== 202) throw new Error(`Not initialized: ${opened.status}`);
  await stream.next();
  await post(messages, token, { jsonrpc: '2.0', method: 'notifications/initialized' });
  return { stream, messages };
}

const answerOf = async (response: Response): Promise<unknown> => [response.status, await response.text()];
const PING = message({ method: 'ping' });

describe('HTTP+SSE', () => {
  let aerie: Aerie;
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

  it.each(['/mcp/sse', '/MCP/SSE/', '/mcp/messages', '/Mcp/Messages/'])(
    'refuses another origin at %s',
    async (path) => {
      const headers = { origin: 'https://evil.example' };
      expect((await post(aerie.origin + path, await aerie.token(), PING, headers)).status).toBe(403);
    },
  );

  it('is off by default', async () => {
    const other = await start({ MCP_SSE: '' });
    const token = await other.token();
    expect((await get(other, token)).status).toBe(404);
    expect((await post(`${other.url}/messages?sessionId=x`, token, PING)).status).toBe(404);
  });

  it('responds on the stream to messages at the announced URL', async () => {
    const token = await aerie.token();
    const { stream, messages } = await open(aerie, token);
    expect(messages).toMatch(/\/mcp\/messages\?instance=here&sessionId=[\da-f-]{36}$/);
    const accepted = await post(messages, token, message(toolCall('greet_user', { name: 'Saif' }, 7)));
    expect(accepted.status).toBe(202);
    const answer = await stream.until(({ message: sent }) => sent !== undefined);
    expect(answer.message).toMatchObject({
      id: 7,
      result: { content: [{ text: expect.stringContaining('Hi Saif') }] },
    });
    await stream.abandon();
  });

  it('requires a token like the endpoint', async () => {
    const without = await fetch(`${aerie.url}/sse`);
    expect(without.status).toBe(401);
    expect(without.headers.get('www-authenticate')).toContain(
      `resource_metadata="${aerie.origin}/.well-known/oauth-protected-resource/mcp"`,
    );
    expect((await post(`${aerie.url}/messages?sessionId=x`, undefined, PING)).status).toBe(401);

    const token = await aerie.token();
    const evil = { origin: 'https://evil.example' };
    expect((await get(aerie, token, evil)).status).toBe(403);
    expect((await post(`${aerie.url}/messages?sessionId=x`, token, PING, evil)).status).toBe(403);
  });

  it.each([
    ['another subject', { claims: { sub: 'usr_other' } }],
    ['another organization', { claims: { oid: 'org_other' } }],
    ['another client', { claims: { client_id: 'skc_other' } }],
  ])('knows no session of %s', async (_who, request) => {
    const { stream, messages } = await open(aerie, await aerie.token());
    const stranger = await aerie.token(request);
    const unknown = messages.replace(/sessionId=.*/, 'sessionId=00000000-0000-4000-8000-000000000000');
    const refused = await answerOf(await post(messages, stranger, PING));
    expect(refused).toEqual(await answerOf(await post(unknown, stranger, PING)));
    expect(refused).toMatchObject([404, expect.stringContaining('Session not found')]);
    await stream.abandon();
  });

  it('validates messages and the rights of the token', async () => {
    const token = await aerie.token();
    const { stream, messages } = await open(aerie, token);
    expect((await post(messages, token, '{')).status).toBe(400);
    expect((await post(messages, token, { not: 'a message' })).status).toBe(400);
    expect((await post(messages, token, [PING])).status).toBe(400);
    const secret = message({ method: 'resources/read', params: { uri: 'test://secret' } });
    const refused = await post(messages, token, secret);
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toContain('insufficient_scope');
    await stream.abandon();
  });

  it('ends with its connection, and cancels running calls', async () => {
    const token = await aerie.token();
    const { stream, messages } = await open(aerie, token);
    const before = aerie.application.get(SessionRegistry).size;
    await post(messages, token, message(toolCall('wait')));
    await until(() => waited.includes('began'));
    await stream.abandon();
    await until(() => waited.includes('cancelled'));
    await until(() => aerie.application.get(SessionRegistry).size < before);
    expect((await post(messages, token, PING)).status).toBe(404);
  });

  it('has the limits of sessions', async () => {
    const small = await start({ MAX_SESSIONS_PER_CALLER: '1', SESSION_IDLE_TIMEOUT: '1s' });
    const { stream } = await open(small, await small.token());
    const refused = await get(small, await small.token());
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
    expect(await stream.rest()).toEqual([]);
    await until(() => small.application.get(OpenStreams).size === 0);
  });

  it('ends if unread responses exceed the caller’s memory limit', async () => {
    const small = await start({ BODY_LIMIT: '1mb', MAX_BODY_BYTES_PER_CALLER: '4mb' });
    const token = await small.token();
    const { stream, messages } = await open(small, token);
    const admission = small.application.get(Admission);
    const statuses: number[] = [];
    while (statuses.length < 100 && !statuses.includes(404)) {
      const id = `${statuses.length}${'x'.repeat(500_000)}`;
      statuses.push((await post(messages, token, message({ method: 'ping', id }))).status);
      expect(admission.heldBytes).toBeLessThanOrEqual(4 * 1024 ** 2);
    }
    expect(statuses).toContain(404);
    await until(() => admission.heldBytes === 0);
    await stream.abandon().catch(() => {});
  });

  it('ends when the token expires', async () => {
    const { stream } = await open(aerie, await aerie.token({ expiresInSeconds: 2 }));
    expect(await stream.rest()).toEqual([]);
  });

  it('ends when the token is revoked', async () => {
    const { stream } = await open(aerie, await aerie.token({ claims: { sub: 'usr_left' } }));
    await runCommand('revoke', ['--subject', 'usr_left'], process.cwd(), {
      STATE_DIRECTORY: aerie.stateDirectory,
    });
    expect(await stream.rest()).toEqual([]);
  });

  it('ends with the server, after running calls', async () => {
    const other = await start();
    const token = await other.token();
    const idle = await open(other, token);
    const working = await open(other, token);
    await post(working.messages, token, message(toolCall('wait', {}, 'slow')));
    await until(() => waited.includes('began'));
    const closed = other.application.close();
    expect(await idle.stream.rest()).toEqual([]);
    gate.open();
    expect((await working.stream.rest()).map(({ message: sent }) => sent?.id)).toEqual(['slow']);
    await closed;
  });
});
