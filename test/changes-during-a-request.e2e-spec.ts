import { z } from 'zod';

import { LiveCatalog } from '../src/mcp/index.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { message, post, toolCall } from './support/rpc.js';
import { EventReader, initialize, openSession } from './support/sessions.js';

/** Long enough for a batch that lets other work have a turn between its messages. */
const OTHERS = Array.from({ length: 30 }, (_none, index) =>
  message({ method: 'ping', id: `other-${index}` }),
);
const CAPABILITIES = { elicitation: {} };

interface Answer {
  readonly id: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

describe('a change of the catalog during a request', () => {
  let aerie: Aerie;
  let live: LiveCatalog;
  beforeAll(async () => {
    aerie = await startAerie({ environment: { MCP_SESSIONS: 'on', MCP_SSE: 'on' } });
    live = aerie.application.get(LiveCatalog);
  });
  afterAll(() => aerie.close());

  const tool = (name: string): Parameters<LiveCatalog['addTool']>[0] => ({
    name,
    description: 'Comes and goes.',
    scopes: 'authenticated',
  });

  /** Calls a tool that changes the catalog, and then another tool in the same batch. */
  async function callAfter(change: () => void, name: string): Promise<Answer | undefined> {
    const remove = live.addTool(tool('change'), () => {
      change();
      return 'changed';
    });
    const batch = [message(toolCall('change', {}, 'first')), ...OTHERS, message(toolCall(name, {}, 'last'))];
    const response = await post(aerie.url, await aerie.token(), batch);
    remove();
    const answers = (await response.json()) as Answer[];
    return answers.find(({ id }) => id === 'last');
  }

  it('does not affect a message that was admitted before its tool was removed', async () => {
    const remove = live.addTool(tool('removed'), () => 'still here');
    const answer = await callAfter(remove, 'removed');
    expect(answer?.result).toMatchObject({ content: [{ text: 'still here' }] });
  });

  it('does not affect a message that was admitted before its tool was added', async () => {
    let remove = (): void => {};
    const add = (): void => {
      remove = live.addTool(tool('added'), () => 'here');
    };
    const answer = await callAfter(add, 'added');
    remove();
    expect(answer?.error).toEqual({ code: -32_602, message: 'Unknown tool: added' });
  });

  const inSession = async (body: object): Promise<[EventReader, (answer: object) => Promise<Response>]> => {
    const session = await openSession(aerie.url, await aerie.token(), CAPABILITIES);
    return [new EventReader(await session.post(body)), (answer) => session.post(answer)];
  };

  async function overSse(body: object): Promise<[EventReader, (answer: object) => Promise<Response>]> {
    const token = await aerie.token();
    const headers = { authorization: `Bearer ${token}` };
    const stream = new EventReader(await fetch(`${aerie.url}/sse`, { headers }));
    const messages = new URL((await stream.next())?.data ?? '', aerie.url).href;
    const send = (sent: object): Promise<Response> => post(messages, token, sent);
    await send(initialize('2024-11-05', CAPABILITIES));
    await stream.next();
    await send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    await send(body);
    return [stream, send];
  }

  it.each([
    ['in a session', inSession],
    ['over HTTP+SSE', overSse],
  ])('affects the next round of a call that waits for its client, %s', async (_where, call) => {
    const remove = live.addTool(tool('asks'), async (_input, context) => {
      await context.elicit({ message: 'Name?', schema: z.object({ name: z.string() }) });
      return 'answered';
    });
    const [stream, send] = await call(message(toolCall('asks', {}, 'asking')));
    const question = await stream.until(({ message: sent }) => sent?.method === 'elicitation/create');
    remove();
    const result = { action: 'accept', content: { name: 'Ada' } };
    await send({ jsonrpc: '2.0', id: question.message?.id, result });
    const answered = await stream.until(({ message: sent }) => sent?.id === 'asking');
    expect(answered.message).toMatchObject({ error: { code: -32_602, message: 'Unknown tool: asks' } });
    await stream.abandon();
  });
});
