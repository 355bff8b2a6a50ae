import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';

import { startTelemetry } from '../../src/telemetry/start-telemetry.js';

const exporter = new InMemorySpanExporter();
const telemetry = startTelemetry(
  { telemetry: { metrics: undefined, organizations: 0, collector: undefined } },
  {},
  { spanProcessors: [new SimpleSpanProcessor({ exporter })] },
);

/** Observers that trace and measure all servers of this test file. `npm run test:traced` adds them to every server. */
export const { observers: tracingObservers } = telemetry;

/** Returns the text of all new spans, and of all metrics. */
export async function takeTelemetry(): Promise<string> {
  const spans = exporter
    .getFinishedSpans()
    .map(({ name, attributes, status, events, links }) => ({ name, attributes, status, events, links }));
  exporter.reset();
  return `${JSON.stringify(spans)}\n${await telemetry.metricsText()}`;
}
