import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { ENDED, REQUEST } from '../../test/support/ended-request.js';
import { startTelemetry, type Telemetry } from './start-telemetry.js';

const nowhere = 'http://127.0.0.1:9';
const endpoint = { host: '127.0.0.1', port: 9464 };
const sessions = { instance: 'one' };

describe('startTelemetry', () => {
  it.each([
    ['traces only, if nobody gets metrics', undefined, 1],
    ['metrics too, if Prometheus gets them', endpoint, 2],
  ])('observes requests for %s', async (_what, metrics, count) => {
    const { observers, stop } = startTelemetry(
      { telemetry: { metrics, tracesUrl: nowhere, metricsUrl: nowhere, organizations: 0 }, sessions },
      { OTEL_METRICS_EXPORTER: 'none' },
    );
    await stop();
    expect(observers).toHaveLength(count);
  });

  describe('with a collector', () => {
    const bodies: string[] = [];
    let status: number;
    const collector = createServer((request, response) => {
      request.setEncoding('latin1').on('data', (text: string) => bodies.push(text));
      request.on('end', () => response.writeHead(status).end());
    });
    const log = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };
    const start = (): Telemetry => {
      const { port } = collector.address() as AddressInfo;
      const metricsUrl = `http://127.0.0.1:${port}/v1/metrics`;
      return startTelemetry(
        { telemetry: { metrics: undefined, tracesUrl: undefined, metricsUrl, organizations: 0 }, sessions },
        {},
        { log },
      );
    };
    beforeAll(() => once(collector.listen(0, '127.0.0.1'), 'listening'));
    afterAll(() => {
      collector.closeAllConnections();
      collector.close();
    });

    it('names the instance and its process, so that their totals are not mixed up', async () => {
      status = 200;
      await start().stop();
      expect(bodies.join('')).toMatch(new RegExp(`service\\.instance\\.id.*one:${process.pid}`, 's'));
      expect(log.error).not.toHaveBeenCalled();
    });

    it('counts the spans that a slow collector makes it drop', async () => {
      const { port } = collector.address() as AddressInfo;
      const tracesUrl = `http://127.0.0.1:${port}/v1/traces`;
      const telemetry = startTelemetry(
        { telemetry: { metrics: endpoint, tracesUrl, metricsUrl: undefined, organizations: 0 }, sessions },
        { OTEL_BSP_MAX_QUEUE_SIZE: '1', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1' },
        { log },
      );
      status = 200;
      for (let count = 0; count < 5; count++) {
        for (const observer of telemetry.observers)
          observer.request?.(REQUEST).end({ ...ENDED, messages: [] });
      }
      const text = await telemetry.metricsText();
      await telemetry.stop();
      expect(text).toMatch(/^otel_sdk_processor_span_processed_total\{.*error_type="queue_full"\} [1-5]$/m);
    });

    it('logs that the collector takes nothing', async () => {
      status = 401;
      await start().stop();
      expect(log.error.mock.calls).toEqual([
        [{ problem: 'status 401 Unauthorized' }, 'metrics cannot be sent to the collector'],
      ]);
    });
  });
});
