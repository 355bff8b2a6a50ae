import { Injectable, Module } from '@nestjs/common';

import { type CallContext, McpTool } from '../src/mcp/index.js';
import { ImportTools } from './examples/progress.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { ERAS, message, messagesIn, post, postModern, toolCall } from './support/rpc.js';
import { until } from './support/until.js';

const aborted: string[] = [];

@Injectable()
class WaitingTools {
  @McpTool({
    name: 'wait',
    description: 'Waits until it is cancelled.',
    scopes: 'authenticated',
    timeout: 3_000,
  })
  wait(_input: object, { signal }: CallContext): Promise<string> {
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        aborted.push('wait');
        resolve('too late');
      });
    });
  }

  @McpTool({ name: 'chatty', description: 'Logs at every level, and goes back.', scopes: 'authenticated' })
  async chatty(_input: object, context: CallContext): Promise<string> {
    await context.log('debug', 'quietly');
    await context.log('warning', { loud: true }, 'chatty');
    await context.progress(2);
    await context.progress(1);
    await context.progress(2);
    await context.progress(3, 3, 'done');
    return 'said';
  }
}

@Module({ providers: [ImportTools, WaitingTools] })
class Tools {}

interface Event {
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: { readonly content: { readonly text: string }[] };
}

const messagesOf = async (response: Response): Promise<Event[]> => (await messagesIn(response)) as Event[];

describe('a call that takes its time', () => {
  let aerie: Aerie;
  beforeAll(async () => {
    aerie = await startAerie({ modules: [Tools] });
  });
  afterAll(() => aerie.close());

  describe.each(ERAS)('in the era of %s', (era, send) => {
    const call = async (name: string, meta: object, args: object = {}): Promise<Event[]> => {
      const params = { name, arguments: args, _meta: meta };
      const token = await aerie.token();
      if (era === '2025-11-25')
        return messagesOf(await send(aerie.url, token, { method: 'tools/call', params }));
      const envelope = {
        'io.modelcontextprotocol/protocolVersion': era,
        'io.modelcontextprotocol/clientCapabilities': {},
      };
      const body = message({ method: 'tools/call', params: { ...params, _meta: { ...envelope, ...meta } } });
      const headers = { 'mcp-protocol-version': era, 'mcp-method': 'tools/call', 'mcp-name': name };
      return messagesOf(await post(aerie.url, token, body, headers));
    };
    const progressIn = (events: Event[]): unknown[] =>
      events
        .filter(({ method }) => method === 'notifications/progress')
        .map(({ params }) => params?.['progress']);

    it('reports progress to clients that request it', async () => {
      const events = await call('import_rows', { progressToken: 'p' }, { rows: 5 });
      expect(progressIn(events)).toEqual([1, 2, 3, 4, 5]);
      expect(events.at(-1)?.result?.content[0]?.text).toBe('5 rows imported.');
      expect(events[0]?.params).toEqual({ progressToken: 'p', progress: 1, total: 5, message: 'Row 1' });
    });

    it('reports no progress to other clients, and responds with JSON', async () => {
      const events = await call('import_rows', {}, { rows: 2 });
      expect(progressIn(events)).toEqual([]);
      expect(events.at(-1)?.result?.content[0]?.text).toBe('2 rows imported.');
    });

    it('never reports a lower value', async () => {
      expect(progressIn(await call('chatty', { progressToken: 1 }))).toEqual([2, 3]);
    });

    it('keeps the progress of two calls of one caller apart', async () => {
      const [one, two] = await Promise.all([
        call('import_rows', { progressToken: 'one' }, { rows: 20 }),
        call('import_rows', { progressToken: 'two' }, { rows: 20 }),
      ]);
      for (const [events, token] of [
        [one, 'one'],
        [two, 'two'],
      ] as const) {
        const tokens = events.filter(({ params }) => params).map(({ params }) => params?.['progressToken']);
        expect(new Set(tokens)).toEqual(new Set([token, ...(era === '2025-11-25' ? [undefined] : [])]));
      }
    });
  });

  it('sends log messages at or above the level that a client of MCP 2026-07-28 requests', async () => {
    const logged = async (level?: string): Promise<unknown[]> => {
      const meta = {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientCapabilities': {},
        ...(level && { 'io.modelcontextprotocol/logLevel': level }),
      };
      const response = await post(
        aerie.url,
        await aerie.token(),
        message({ method: 'tools/call', params: { name: 'chatty', arguments: {}, _meta: meta } }),
        { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'chatty' },
      );
      const events = await messagesOf(response);
      return events.filter(({ method }) => method === 'notifications/message').map(({ params }) => params);
    };
    expect(await logged('info')).toEqual([{ level: 'warning', logger: 'chatty', data: { loud: true } }]);
    expect(await logged('debug')).toHaveLength(2);
    expect(await logged()).toEqual([]);
  });

  it('works with the official client: progress and cancellation', async () => {
    const client = aerie.as({});
    const { progress } = await client.callTool('import_rows', { rows: 3 });
    expect(progress.map((report) => report.progress)).toEqual([1, 2, 3]);

    aborted.length = 0;
    const cancel = new AbortController();
    const call = client.callTool('wait', {}, { signal: cancel.signal });
    setTimeout(() => cancel.abort(), 200);
    await expect(call).rejects.toThrow();
    await until(() => aborted.length === 1);
  });

  it('cancels a call of MCP 2026-07-28 on a lost connection, but no call of the 2025 revisions', async () => {
    aborted.length = 0;
    const token = await aerie.token();
    const lost = new AbortController();
    const old = post(aerie.url, token, message(toolCall('wait')), {}, lost.signal).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
    lost.abort();
    await old;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(aborted).toEqual([]);

    const gone = new AbortController();
    const modern = postModern(aerie.url, token, toolCall('wait'), {}, gone.signal).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
    gone.abort();
    await modern;
    await until(() => aborted.length === 1);
  });
});
