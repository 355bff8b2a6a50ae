import { Listeners } from '../src/mcp/streamable-http/listeners.js';
import { SessionRegistry } from '../src/mcp/sessions/session-registry.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { Listener } from './support/listener.js';
import { message, post, postModern } from './support/rpc.js';
import { EventReader, initialize, openSession, type RawSession } from './support/sessions.js';
import { until } from './support/until.js';

const PING = message({ method: 'ping' });
const CHANGES = { toolsListChanged: true };
const SUBJECTS = ['usr_1', 'usr_2', 'usr_3', 'usr_4'];

/** An organization with many users must not take all places of an instance. */
describe('an organization that fills the instance', () => {
  let aerie: Aerie;
  beforeAll(async () => {
    const environment = { MCP_SESSIONS: 'on', MCP_SSE: 'on', MAX_SESSIONS: '4', MAX_LISTENERS: '4' };
    aerie = await startAerie({ environment });
  });
  afterAll(() => aerie?.close());
  const tokenOf = (oid: string, sub = 'usr_1'): Promise<string> => aerie.token({ claims: { oid, sub } });
  const sessions = (): number => aerie.application.get(SessionRegistry).size;
  const refusalOf = async (response: Response): Promise<unknown> => [
    response.status,
    ((await response.json()) as { error: { data: { limit: string } } }).error.data.limit,
  ];

  it('gives its least recently used session to another organization, and to nobody of its own', async () => {
    const held: RawSession[] = [];
    for (const subject of SUBJECTS)
      held.push(await openSession(aerie.url, await tokenOf('org_acme', subject)));
    const [first, second, ...others] = held;
    await first!.result('ping');
    const refused = [503, 'sessions_overall'];
    const colleague = await tokenOf('org_acme', 'usr_5');
    expect(await refusalOf(await post(aerie.url, colleague, initialize()))).toEqual(refused);

    const theirs = await openSession(aerie.url, await tokenOf('org_globex'));
    expect(await theirs.result('ping')).toEqual({});
    const ended = await second!.post(PING);
    expect(ended.status).toBe(404);
    expect(await ended.json()).toMatchObject({ error: { code: -32_001, message: 'Session not found.' } });
    expect(await refusalOf(await post(aerie.url, second!.token, initialize()))).toEqual(refused);
    for (const session of [first!, ...others, theirs]) await session.delete();
    expect(sessions()).toBe(0);
  });

  it('gives its least recently used session over HTTP+SSE, whose stream ends', async () => {
    const open = async (token: string): Promise<EventReader> => {
      const response = await fetch(`${aerie.url}/sse`, { headers: { authorization: `Bearer ${token}` } });
      expect(response.status).toBe(200);
      const stream = new EventReader(response);
      await stream.next();
      return stream;
    };
    const streams: EventReader[] = [];
    for (const subject of SUBJECTS) streams.push(await open(await tokenOf('org_acme', subject)));
    const theirs = await open(await tokenOf('org_globex'));
    expect(await streams[0]!.next()).toBeUndefined();
    expect(sessions()).toBe(4);
    for (const stream of [...streams.slice(1), theirs]) await stream.abandon();
    await until(() => sessions() === 0);
  });

  it('gives the place of its oldest listener, whose stream ends with its result', async () => {
    const listeners: Listener[] = [];
    for (const subject of SUBJECTS) {
      listeners.push(await Listener.open(aerie.url, await tokenOf('org_acme', subject), CHANGES));
    }
    const smaller = await tokenOf('org_globex');
    const empty = { method: 'subscriptions/listen', params: { notifications: {} } };
    const nothing = await postModern(aerie.url, smaller, empty);
    expect([nothing.status, await nothing.text()]).toEqual([200, expect.stringContaining('"result"')]);
    expect(listeners.map(({ events }) => events)).toEqual([[], [], [], []]);

    const theirs = await Listener.open(aerie.url, smaller, CHANGES);
    await listeners[0]!.ended;
    expect(listeners.map(({ events }) => events)).toEqual([['result'], [], [], []]);

    const again = { method: 'subscriptions/listen', params: { notifications: CHANGES } };
    const refused = await postModern(aerie.url, await tokenOf('org_acme'), again);
    expect(await refusalOf(refused)).toEqual([503, 'listeners_instance']);
    for (const listener of [...listeners, theirs]) listener.vanish();
    await until(() => aerie.application.get(Listeners).size === 0);
  });
});
