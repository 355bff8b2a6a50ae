import { Injectable, Module } from '@nestjs/common';

import { CallContext, McpTool } from '../src/mcp/index.js';
import { STREAM_BYTES } from '../src/mcp/wire/event-stream.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { message, post } from './support/rpc.js';
import { openSession } from './support/sessions.js';
import { until } from './support/until.js';

const held = { begun: 0, ended: 0, release: (): void => {} };

@Injectable()
class HeldTools {
  @McpTool({ name: 'hold', scopes: 'authenticated', description: 'Reports progress when it may end.' })
  async hold(_input: object, call: CallContext): Promise<string> {
    held.begun++;
    await new Promise<void>((resolve) => {
      held.release = resolve;
    });
    await call.progress(1);
    setImmediate(() => held.ended++);
    return 'done';
  }
}

@Module({ providers: [HeldTools] })
class Tools {}

const CALL = message({
  method: 'tools/call',
  params: { name: 'hold', arguments: {}, _meta: { progressToken: 1 } },
});

describe('a call whose client or session is gone', () => {
  let aerie: Aerie;
  beforeAll(async () => {
    aerie = await startAerie({ modules: [Tools], environment: { MCP_SESSIONS: 'on' } });
  });
  beforeEach(() => Object.assign(held, { begun: 0, ended: 0 }));
  afterAll(() => aerie.close());

  it.each(['text/event-stream', 'application/json, text/event-stream'])(
    'leaves no event stream in memory: Accept: %s',
    async (accept) => {
      const leaving = new AbortController();
      const left = post(aerie.url, await aerie.token(), CALL, { accept }, leaving.signal).catch(String);
      await until(() => held.begun === 1);
      leaving.abort();
      expect(await left).toEqual(expect.any(String));
      await new Promise((resolve) => setTimeout(resolve, 50)); // until the server notices
      held.release();
      await until(() => held.ended === 1);
      expect(STREAM_BYTES.running).toBe(0);
    },
  );

  it('is answered with an error, if the client accepts only JSON and the session ends', async () => {
    const session = await openSession(aerie.url, await aerie.token());
    const answer = post(session.url, session.token, CALL, { ...session.headers, accept: 'application/json' });
    await until(() => held.begun === 1);
    await fetch(session.url, {
      method: 'DELETE',
      headers: { ...session.headers, authorization: `Bearer ${session.token}` },
    });
    const response = await answer;
    expect([response.status, await response.json()]).toEqual([
      200,
      { jsonrpc: '2.0', id: 1, error: { code: -32_000, message: 'The session has ended.' } },
    ]);
    held.release();
  });

  it('is answered as JSON although the token has expired meanwhile', async () => {
    const token = await aerie.token({ expiresInSeconds: 2 });
    const session = await openSession(aerie.url, token);
    const answer = post(session.url, token, CALL, { ...session.headers, accept: 'application/json' });
    await until(() => held.begun === 1);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    held.release();
    const response = await answer;
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('done')]);
  });
});
