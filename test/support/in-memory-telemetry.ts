import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';

import { startTelemetry, type Telemetry } from '../../src/telemetry/start-telemetry.js';

/**
 * Starts telemetry whose spans stay in memory.
 *
 * @param organizations number of organizations with labels of their own
 */
export function inMemoryTelemetry(organizations = 0): {
  readonly telemetry: Telemetry;
  readonly exporter: InMemorySpanExporter;
} {
  const exporter = new InMemorySpanExporter();
  const telemetry = startTelemetry(
    {
      telemetry: { metrics: undefined, tracesUrl: undefined, metricsUrl: undefined, organizations },
      sessions: { instance: 'test' },
    },
    {},
    { spanProcessors: [new SimpleSpanProcessor({ exporter })] },
  );
  return { telemetry, exporter };
}
