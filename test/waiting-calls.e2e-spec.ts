import { CallsInFlight } from '../src/limits/calls-in-flight.js';
import { RequestState } from '../src/mcp/invocation/request-state.js';
import { SessionRegistry } from '../src/mcp/sessions/session-registry.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { message, post, toolCall } from './support/rpc.js';
import { closeGate, gate, SessionToolsModule, waited } from './support/session.tools.js';
import { EventReader, initialize, openSession } from './support/sessions.js';
import { until } from './support/until.js';

const CAPABILITIES = { elicitation: {} };

/** Client that answers requests of the server. */
interface Client {
  readonly post: (message: object) => Promise<Response>;
  /** Posts a message and returns the response stream. */
  readonly stream: (message: object) => Promise<EventReader>;
}

async function inSession(url: string, token: string): Promise<Client> {
  const session = await openSession(url, token, CAPABILITIES);
  return {
    post: (body) => session.post(body),
    stream: async (body) => new EventReader(await session.post(body)),
  };
}

async function overSse(url: string, token: string): Promise<Client> {
  const headers = { authorization: `Bearer ${token}` };
  const stream = new EventReader(await fetch(`${url}/sse`, { headers }));
  const messages = new URL((await stream.next())?.data ?? '', url).href;
  const send = (body: object): Promise<Response> => post(messages, token, body);
  await send(initialize('2024-11-05', CAPABILITIES));
  await stream.next();
  await send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  return {
    post: send,
    stream: async (body) => {
      await send(body);
      return stream;
    },
  };
}

describe('a call that waits for the answer of its client', () => {
  let aerie: Aerie;
  let token: string;
  const start = async (environment: NodeJS.ProcessEnv = {}): Promise<void> => {
    aerie = await startAerie({
      modules: [SessionToolsModule],
      environment: { MCP_SESSIONS: 'on', MCP_SSE: 'on', MAX_CALLS_IN_FLIGHT_PER_CALLER: '1', ...environment },
    });
    token = await aerie.token();
    closeGate();
    waited.length = 0;
  };
  afterEach(async () => {
    gate.open();
    await aerie.close();
  });
  const tokenOf = (oid: string, sub: string): Promise<string> => aerie.token({ claims: { oid, sub } });
  const inFlight = (): CallsInFlight => aerie.application.get(CallsInFlight);

  const answerTo = (question: unknown): object => ({
    jsonrpc: '2.0',
    id: question,
    result: { action: 'accept', content: { name: 'Ada' } },
  });
  /** Calls the tool that asks. Returns the id of its question. */
  async function ask(client: Client, id: number | string = 'asking'): Promise<[EventReader, unknown]> {
    const stream = await client.stream(message(toolCall('ask_name', {}, id)));
    const question = await stream.until(({ message: sent }) => sent?.method === 'elicitation/create');
    return [stream, question.message?.id];
  }

  /** Holds the signature or the verification of the states of calls until the gate opens. */
  function hold(step: 'mint' | 'verify'): void {
    const state = aerie.application.get(RequestState);
    const proceed: (...parameters: never[]) => Promise<unknown> = state[step].bind(state);
    const held = async (...parameters: never[]): Promise<unknown> => {
      waited.push('began');
      await gate.closed;
      return proceed(...parameters);
    };
    Object.assign(state, { [step]: held });
  }

  describe.each([
    ['in a session', inSession, [expect.stringContaining('The session has ended.')]],
    ['over HTTP+SSE', overSse, []],
  ])('%s', (_way, open, atEnd) => {
    it('does not count as in flight until its answer arrives', async () => {
      await start();
      const client = await open(aerie.url, token);
      const [stream, question] = await ask(client);
      expect([inFlight().taken, inFlight().waiting]).toEqual([0, 1]);
      expect((await post(aerie.url, token, message(toolCall('report')))).status).toBe(200);

      expect((await client.post(answerTo(question))).status).toBe(202);
      const answered = await stream.until(({ message: sent }) => sent?.id === 'asking');
      expect(answered.message?.result).toMatchObject({ content: [{ text: 'Hello, Ada.' }] });
      await until(() => inFlight().taken + inFlight().waiting === 0);
    });

    it('keeps waiting while a limit rejects the answer, and accepts the answer again', async () => {
      await start();
      const client = await open(aerie.url, token);
      const [stream, question] = await ask(client);
      const running = post(aerie.url, token, message(toolCall('wait')));
      await until(() => waited.includes('began'));
      expect((await client.post(answerTo(question))).status).toBe(429);
      gate.open();
      await (await running).text();
      await until(() => inFlight().taken === 0);

      expect((await client.post(answerTo(question))).status).toBe(202);
      const answered = await stream.until(({ message: sent }) => sent?.id === 'asking');
      expect(answered.message?.result).toMatchObject({ content: [{ text: 'Hello, Ada.' }] });
    });

    it('counts towards a limit of waiting calls', async () => {
      await start();
      const client = await open(aerie.url, token);
      await ask(client);
      const stream = await client.stream(message(toolCall('ask_name', {}, 'second')));
      const refused = await stream.until(({ message: sent }) => sent?.id === 'second');
      expect(refused.message?.result).toMatchObject({
        isError: true,
        content: [{ text: expect.stringContaining('Too many calls from you are in flight.') }],
      });
    });

    it('ends with its session, which its organization gives up for a smaller one', async () => {
      await start({ MAX_SESSIONS: '2' });
      const [stream] = await ask(await open(aerie.url, await tokenOf('org_acme', 'usr_1')));
      await ask(await open(aerie.url, await tokenOf('org_acme', 'usr_2')));
      await open(aerie.url, await tokenOf('org_globex', 'usr_3'));
      expect((await stream.rest()).map(({ data }) => data)).toEqual(atEnd);
      await until(() => inFlight().waiting === 1);
    });

    it('is given up before a call that is about to ask', async () => {
      await start({ MAX_SESSIONS: '2' });
      const [waiting] = await ask(await open(aerie.url, await tokenOf('org_acme', 'usr_1')));
      const other = await open(aerie.url, await tokenOf('org_acme', 'usr_2'));
      hold('mint');
      const asking = ask(other);
      await until(() => waited.includes('began'));
      await open(aerie.url, await tokenOf('org_globex', 'usr_3'));
      gate.open();
      await Promise.all([waiting.rest(), asking]);
    });
  });

  it('is given up before a call that is about to resume after its answer', async () => {
    await start({ MAX_SESSIONS: '2' });
    hold('verify');
    const [waiting] = await ask(await inSession(aerie.url, await tokenOf('org_acme', 'usr_1')));
    const other = await inSession(aerie.url, await tokenOf('org_acme', 'usr_2'));
    const [stream, question] = await ask(other);
    expect((await other.post(answerTo(question))).status).toBe(202);
    await until(() => waited.includes('began'));
    await inSession(aerie.url, await tokenOf('org_globex', 'usr_3'));
    gate.open();
    const answered = await stream.until(({ message: sent }) => sent?.id === 'asking');
    expect(answered.message?.result).toMatchObject({ content: [{ text: 'Hello, Ada.' }] });
    await waiting.rest();
  });

  it('ends if its client disconnects and does not return', async () => {
    await start({ SESSION_IDLE_TIMEOUT: '2s' });
    const [stream] = await ask(await inSession(aerie.url, token));
    await stream.abandon();
    await until(() => inFlight().waiting === 0);
    expect(aerie.application.get(SessionRegistry).size).toBe(1);
  });
});
