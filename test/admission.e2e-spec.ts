import { setTimeout as sleep } from 'node:timers/promises';

import { Injectable, Module } from '@nestjs/common';

import { CallsInFlight } from '../src/limits/calls-in-flight.js';
import { McpTool } from '../src/mcp/index.js';
import { StuckHandlers } from '../src/mcp/invocation/stuck-handlers.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { ERAS, message, MODERN_ENVELOPE, post, postModern, resultText, toolCall } from './support/rpc.js';
import { openSession } from './support/sessions.js';
import { until } from './support/until.js';

const base = { description: 'x', scopes: 'authenticated', annotations: { readOnlyHint: true } } as const;

let running = 0;
let open: () => void = () => {};
let gate = Promise.resolve();

@Injectable()
class SlowTools {
  /** Ends only when the gate opens, even if its caller disconnects. */
  @McpTool({ ...base, name: 'deaf', timeout: 20 })
  async deaf(): Promise<string> {
    running++;
    await gate;
    running--;
    return 'done';
  }

  @McpTool({ ...base, name: 'patient' })
  async patient(): Promise<string> {
    await gate;
    return 'done';
  }

  @McpTool({ ...base, name: 'quick' })
  quick(): string {
    return 'done';
  }
}

@Module({ providers: [SlowTools] })
class SlowModule {}

describe('a place in flight', () => {
  let aerie: Aerie;
  let token: string;
  const start = async (environment: NodeJS.ProcessEnv): Promise<void> => {
    aerie = await startAerie({ modules: [SlowModule], environment });
    token = await aerie.token();
  };
  const taken = (): number => aerie.application.get(CallsInFlight).taken;
  const stuck = (): number => aerie.application.get(StuckHandlers).size;
  beforeEach(() => {
    gate = new Promise((resolve) => (open = resolve));
  });
  afterEach(async () => {
    open();
    await until(() => running === 0);
    await aerie.close();
  });

  it.each(ERAS)(
    'is held until the handler settles, though its caller gave up, MCP %s',
    async (_era, send) => {
      await start({ MAX_CALLS_IN_FLIGHT_PER_CALLER: '5', MAX_STUCK_PERCENT_PER_TOOL: '100' });
      const statuses: number[] = [];
      for (let call = 0; call < 8; call++) {
        statuses.push((await send(aerie.url, token, toolCall('deaf'))).status);
      }
      expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
      expect(running).toBe(5);
      open();
      await until(() => taken() === 0);
      expect((await send(aerie.url, token, toolCall('quick'))).status).toBe(200);
    },
  );

  it('is occupied by stuck handlers, whose tool returns 503 until one settles, while other tools work', async () => {
    await start({ MAX_CALLS_IN_FLIGHT: '10', MAX_STUCK_PERCENT_PER_TOOL: '20' });
    for (let call = 0; call < 2; call++) await postModern(aerie.url, token, toolCall('deaf'));
    await until(() => stuck() === 2);
    const refused = await postModern(aerie.url, token, toolCall('deaf'));
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toMatchObject({ error: { data: { limit: 'stuck' } } });
    expect(await resultText(await postModern(aerie.url, token, toolCall('quick')))).toBe('done');
    expect(taken()).toBe(2);
    open();
    await until(() => stuck() === 0);
    expect((await postModern(aerie.url, token, toolCall('deaf'))).status).toBe(200);
  });

  it('is reserved for cancellations and session ends while waiting calls hold all others', async () => {
    await start({ MAX_CALLS_IN_FLIGHT: '2', MCP_SESSIONS: 'on' });
    const session = await openSession(aerie.url, token);
    const calls = [1, 2].map((id) => session.post(message(toolCall('patient', {}, id))));
    await until(() => taken() === 2);
    expect((await session.post(message(toolCall('quick', {}, 3)))).status).toBe(503);
    const params = { requestId: 1 };
    const cancelled = await session.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params });
    expect(cancelled.status).toBe(202);
    expect((await session.delete()).status).toBe(200);
    await Promise.all(calls.map(async (call) => (await call).text()));
  });

  it.each([
    ['POST', '', '[]'],
    ['POST', '/messages?sessionId=x', '{}'],
  ])('is given back by a request that is refused: %s %s', async (_method, path, body) => {
    await start({ MCP_SSE: 'on' });
    expect((await post(aerie.url + path, token, body)).status).toBeGreaterThanOrEqual(400);
    await sleep(10);
    expect(taken()).toBe(0);
  });

  it.each(['', '/messages?sessionId=x'])('is needed before expensive validation, at %s', async (path) => {
    await start({ MCP_SSE: 'on' });
    const experimental = { a: { x: Array.from({ length: 200_000 }, () => ({})) } };
    const capabilities = { experimental, roots: 5 };
    const _meta = { ...MODERN_ENVELOPE, 'io.modelcontextprotocol/clientCapabilities': capabilities };
    for (const params of [{ _meta }, { capabilities }, { other: experimental }]) {
      const refused = await post(aerie.url + path, token, message({ method: 'tools/call', params }));
      expect(refused.status).toBe(400);
      expect(await refused.json()).toMatchObject({ error: { code: -32_602 }, id: 1 });
    }
  });

  it.each(['', '/messages?sessionId=x'])(
    'is needed before deeply nested JSON is parsed, at %s',
    async (path) => {
      await start({ MCP_SSE: 'on' });
      const nested = (levels: number): string =>
        `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}}`;
      for (const levels of [63, 5_000, 400_000]) {
        expect((await post(aerie.url + path, token, nested(levels))).status).toBe(400);
      }
      expect((await post(aerie.url, token, nested(62))).status).toBe(200);
    },
  );
});
