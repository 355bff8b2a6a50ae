import { type Aerie, startAerie } from './support/aerie.js';
import { CLIENTS, connectWithToken } from './support/clients.js';
import { ERAS, message, messagesIn, post, postModern, toolCall } from './support/rpc.js';
import { closeGate, gate, SessionToolsModule, waited } from './support/session.tools.js';
import { until } from './support/until.js';

const JSON_TYPE = 'application/json';
const STREAM_TYPE = 'text/event-stream';
const typeOf = ({ headers }: Response): string => headers.get('content-type')?.split(';')[0] ?? '';

let aerie: Aerie;
let token: string;
beforeAll(async () => {
  // Fakes only the server's clock for silent streams, before its first use.
  jest.useFakeTimers({
    doNotFake: [
      'Date',
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setTimeout',
      'clearTimeout',
    ],
  });
  aerie = await startAerie({ modules: [SessionToolsModule] });
  token = await aerie.token();
});
afterAll(async () => {
  await aerie.close();
  jest.useRealTimers();
});
beforeEach(() => {
  waited.length = 0;
  closeGate();
});
afterEach(() => gate.open());

describe('a call that outlasts a keep-alive interval', () => {
  const wait = toolCall('wait', {}, 'slow');

  const elapse = async (seconds: number): Promise<void> => {
    await until(() => waited.includes('began'));
    jest.advanceTimersByTime(seconds * 1_000);
  };

  it.each(ERAS)('becomes an event stream with keep-alive comments, %s', async (_era, send) => {
    const answered = send(aerie.url, token, wait);
    await elapse(16);
    const response = await answered;
    expect([response.status, typeOf(response)]).toEqual([200, STREAM_TYPE]);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    jest.advanceTimersByTime(16_000);
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toMatch(/^: keepalive\n\n/);
    gate.open();
    let rest = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      rest += Buffer.from(part.value).toString();
    }
    const data = /^data: (.*)$/m.exec(rest)?.[1] ?? '';
    expect(JSON.parse(data)).toMatchObject({ id: 'slow', result: { content: [{ text: 'waited' }] } });
  });

  it.each(ERAS)('stays JSON for a client that accepts only JSON, %s', async (_era, send) => {
    const answered = send(aerie.url, token, wait, { accept: JSON_TYPE });
    await elapse(40);
    gate.open();
    const response = await answered;
    expect([response.status, typeOf(response)]).toEqual([200, JSON_TYPE]);
    expect(await response.json()).toMatchObject({ id: 'slow', result: {} });
  });

  it('becomes an event stream in a batch too', async () => {
    const answered = post(aerie.url, token, [message(wait)]);
    await elapse(16);
    const response = await answered;
    expect(typeOf(response)).toBe(STREAM_TYPE);
    gate.open();
    expect(await messagesIn(response)).toMatchObject([{ id: 'slow', result: {} }]);
  });

  it("becomes an event stream in the SDK's own handler", async () => {
    const target = `=?base64?${Buffer.from('wait').toString('base64')}?=`;
    const answered = postModern(aerie.url, token, wait, { 'mcp-name': target });
    await elapse(16);
    const response = await answered;
    expect(typeOf(response)).toBe(STREAM_TYPE);
    gate.open();
    expect(await messagesIn(response)).toMatchObject([{ id: 'slow', result: {} }]);
  });

  it.each(CLIENTS)('reaches the official client, %s', async (...which) => {
    const client = await connectWithToken(which, aerie.url, token);
    const called = client.callTool({ name: 'wait', arguments: {} });
    await elapse(16);
    gate.open();
    expect(await called).toMatchObject({ content: [{ type: 'text', text: 'waited' }] });
    await client.close();
  });
});
