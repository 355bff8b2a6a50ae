import { Injectable, Module } from '@nestjs/common';

import { type Audit, startAudit } from '../src/audit/start-audit.js';
import { McpTool } from '../src/mcp/index.js';
import type { Observer } from '../src/observation/observer.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { log, logs } from './support/log.js';
import { ERAS, message, post, toolCall } from './support/rpc.js';

interface Line {
  readonly msg: string;
  readonly requestId?: string;
  readonly audit?: { readonly event: string; readonly requestId?: string };
}

let begun: () => void = () => {};
let finish: () => void = () => {};

@Injectable()
class LongTools {
  @McpTool({ name: 'long', scopes: 'authenticated', description: 'Ends when the test lets it.' })
  long(): Promise<string> {
    return new Promise((resolve) => {
      finish = () => resolve('done');
      begun();
    });
  }
}

@Module({ providers: [LongTools] })
class LongModule {}

const GREETING = toolCall('greet_user', { name: 'Saif' });

describe('AUDIT=stdout', () => {
  const servers: Aerie[] = [];
  const audits: Audit[] = [];
  afterEach(stop);

  /** @param isLogOfCalls whether the trail knows that its log has the lines of calls too */
  async function start(
    environment: NodeJS.ProcessEnv = {},
    further: readonly Observer[] = [],
    isLogOfCalls = true,
  ): Promise<Aerie> {
    const settings: Parameters<typeof startAudit>[0] = {
      sinks: [{ name: 'stdout', onFull: 'drop' }],
      directory: '',
      retention: undefined,
      databaseUrl: undefined,
      webhook: undefined,
      otlpUrl: undefined,
      redact: [],
      digestKey: undefined,
    };
    const audit = await startAudit(settings, 'test', log, isLogOfCalls);
    audits.push(audit);
    const observers = [audit.observer, ...further];
    const server = await startAerie({ environment, observers, modules: [LongModule] });
    servers.push(server);
    return server;
  }

  async function stop(): Promise<void> {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    await Promise.all(audits.splice(0).map((audit) => audit.close()));
  }

  /** Texts of the lines of one request, or events of its records, sorted, after all are written. */
  async function linesOf(response: Response): Promise<string[]> {
    await response.text();
    const id = response.headers.get('x-request-id');
    await stop();
    return logs
      .map((text) => JSON.parse(text) as Line)
      .filter(({ requestId, audit }) => id === (requestId ?? audit?.requestId))
      .map(({ msg, audit }) => audit?.event ?? msg)
      .filter((name) => name !== 'token.accepted')
      .toSorted();
  }

  it.each(ERAS)('has one line for a call that succeeds, its record, in the era of %s', async (_era, send) => {
    const aerie = await start();
    expect(await linesOf(await send(aerie.url, await aerie.token(), GREETING))).toEqual(['tool.call']);
  });

  it('has the record of each call of a batch, and one line for its request', async () => {
    const aerie = await start();
    const calls = [1, 2].map((id) => message(toolCall('greet_user', { name: 'Saif' }, id)));
    const headers = { 'mcp-protocol-version': '2025-03-26' };
    const lines = await linesOf(await post(aerie.url, await aerie.token(), calls, headers));
    expect(lines).toEqual(['request', 'tool.call', 'tool.call']);
  });

  it.each([
    ['fails', toolCall('greet_user', { name: 7 }), 'tool.call', 'call'],
    ['is refused', toolCall('admin_tool'), 'access.denied', 'request'],
  ])('has a line of the log, too, for a call that %s', async (_what, call, event, line) => {
    const aerie = await start();
    const lines = await linesOf(await post(aerie.url, await aerie.token(), message(call)));
    expect(lines).toEqual([event, line].toSorted());
  });

  it('has a line for a completion, which has no record', async () => {
    const aerie = await start();
    const params = {
      ref: { type: 'ref/resource', uri: 'todo://{id}' },
      argument: { name: 'id', value: '' },
    };
    const response = await post(
      aerie.url,
      await aerie.token({ scope: 'todo:read' }),
      message({ method: 'completion/complete', params }),
    );
    expect(await linesOf(response)).toEqual(['call']);
  });

  const logFields = { trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16) };
  it.each<[string, Observer]>([
    ['a call', { call: () => ({ logFields, end: () => undefined }) }],
    ['a request', { request: () => ({ logFields, end: () => undefined }) }],
  ])('has a line of the log, too, for %s to whose line an observer adds fields', async (_what, observer) => {
    const aerie = await start({}, [observer]);
    const lines = await linesOf(await post(aerie.url, await aerie.token(), message(GREETING)));
    expect(lines).toEqual(['call', 'tool.call']);
  });

  it('has a line of the log for a call that ends after the trail, which has no record', async () => {
    const aerie = await start();
    const [token, hasBegun] = [await aerie.token(), new Promise<void>((resolve) => (begun = resolve))];
    const response = post(aerie.url, token, message(toolCall('long')));
    await hasBegun;
    await audits[0]?.close();
    finish();
    expect(await linesOf(await response)).toEqual(['call']);
  });

  it('has both lines where the log of the trail may be another one', async () => {
    const aerie = await start({}, [], false);
    const lines = await linesOf(await post(aerie.url, await aerie.token(), message(GREETING)));
    expect(lines).toEqual(['call', 'tool.call']);
  });

  it('has all lines with LOG_CALL_LINES=separate', async () => {
    const aerie = await start({ LOG_CALL_LINES: 'separate' });
    const lines = await linesOf(await post(aerie.url, await aerie.token(), message(GREETING)));
    expect(lines).toEqual(['call', 'request', 'tool.call']);
  });
});
