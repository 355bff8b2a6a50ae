import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';

import { context, ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api';

import { listen } from '../values/listen.js';
import { startTelemetry } from './start-telemetry.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('requests of node:http', () => {
  const received: IncomingHttpHeaders[] = [];
  const server = createServer(({ headers }, response) => {
    received.push(headers);
    response.end();
  });
  let url: string;
  beforeAll(async () => {
    url = `http://127.0.0.1:${await listen(server)}/`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('continue a trace that is not recorded, without a span', async () => {
    const ended: string[] = [];
    const telemetry = startTelemetry(
      {
        telemetry: { metrics: undefined, tracesUrl: undefined, metricsUrl: undefined, organizations: 0 },
        sessions: { instance: 'test' },
      },
      {},
      {
        spanProcessors: [
          {
            onStart: () => {},
            onEnd: ({ name }) => void ended.push(name),
            forceFlush: () => Promise.resolve(),
            shutdown: () => Promise.resolve(),
          },
        ],
      },
    );
    const unrecorded = { traceId: TRACE, spanId: SPAN, traceFlags: TraceFlags.NONE };
    const send = async (headers: Record<string, string>): Promise<void> => {
      const sent = request(url, { headers, agent: false }, (response) => response.resume()).end();
      await once(sent, 'close');
    };
    await context.with(trace.setSpanContext(ROOT_CONTEXT, unrecorded), async () => {
      await send({});
      await send({ traceparent: `00-${TRACE}-${'1'.repeat(16)}-01` });
    });
    await send({});
    await telemetry.stop();
    expect(received.map(({ traceparent }) => traceparent)).toEqual([
      `00-${TRACE}-${SPAN}-00`,
      `00-${TRACE}-${'1'.repeat(16)}-01`,
      undefined,
    ]);
    expect(ended).toEqual([]);
  });
});
