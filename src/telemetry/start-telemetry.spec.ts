import { startTelemetry } from './start-telemetry.js';

const collector = 'http://127.0.0.1:9';
const endpoint = { host: '127.0.0.1', port: 9464 };

describe('startTelemetry', () => {
  it.each([
    ['traces only, if nobody gets metrics', undefined, 1],
    ['metrics too, if Prometheus gets them', endpoint, 2],
  ])('observes requests for %s', async (_what, metrics, count) => {
    const { observers, stop } = startTelemetry(
      { telemetry: { metrics, collector, organizations: 0 } },
      { OTEL_METRICS_EXPORTER: 'none' },
    );
    await stop();
    expect(observers).toHaveLength(count);
  });
});
