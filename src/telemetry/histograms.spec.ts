import {
  AggregationTemporality,
  type DataPoint,
  InMemoryMetricExporter,
  type Histogram,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';

import { Histograms } from './histograms.js';

const BOUNDARIES = [0.001, 0.01, 0.1];
const [FIRST, SECOND] = [
  [0, 1, 1.5, 10, 99, 100, 5_000],
  [2, 3],
];

/** Reads both histograms with one exporter, as a collector or Prometheus does. */
function readBoth(temporality: AggregationTemporality) {
  const histograms = new Histograms('aerie', 2);
  const exporter = new InMemoryMetricExporter(temporality);
  const reader = new PeriodicExportingMetricReader({
    exporter,
    metricProducers: [histograms.producer(temporality)],
  });
  const original = new MeterProvider({ readers: [reader] }).getMeter('original').createHistogram('original', {
    unit: 's',
    description: 'Duration',
    advice: { explicitBucketBoundaries: BOUNDARIES },
  });
  const own = histograms.create('own', { description: 'Duration', boundaries: BOUNDARIES });
  return {
    own,
    record: (milliseconds: number, attributes: Record<string, string>): void => {
      original.record(milliseconds / 1_000, attributes);
      own.series(attributes).record(milliseconds);
    },
    read: async (): Promise<Map<string, readonly DataPoint<Histogram>[]>> => {
      exporter.reset();
      await reader.forceFlush();
      const metrics = exporter
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
      return new Map(
        metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints as DataPoint<Histogram>[]]),
      );
    },
    close: () => reader.shutdown(),
  };
}

describe('Histograms', () => {
  it.each([
    ['totals', AggregationTemporality.CUMULATIVE],
    ['differences', AggregationTemporality.DELTA],
  ])('report the same %s as a histogram of OpenTelemetry', async (_what, temporality) => {
    const { record, read, close } = readBoth(temporality);
    for (const values of [FIRST, SECOND, []]) {
      for (const value of values) record(value, { tool: 'search', outcome: 'ok' });
      record(7, { outcome: 'ok', tool: 'refund' });
      const metrics = await read();
      const original = metrics.get('original') ?? [];
      const own = metrics.get('own') ?? [];
      expect(original.length).toBeGreaterThan(0);
      expect(own).toEqual(
        original.map(({ attributes, value: { buckets, count, sum } }) => ({
          attributes,
          startTime: expect.any(Array),
          endTime: expect.any(Array),
          value: { buckets, count, sum: expect.closeTo(sum ?? 0, 9) },
        })),
      );
    }
    await close();
  });

  it('are omitted until something is measured', async () => {
    const { read, close } = readBoth(AggregationTemporality.CUMULATIVE);
    expect((await read()).has('own')).toBe(false);
    await close();
  });

  it('count for all series beyond the maximum in one', async () => {
    const { own, read, close } = readBoth(AggregationTemporality.CUMULATIVE);
    for (const tool of ['a', 'b', 'c', 'd', 'a']) own.series({ tool }).record(1);
    const points = (await read()).get('own') ?? [];
    expect(points.map(({ attributes, value: { count } }) => [attributes, count])).toEqual([
      [{ tool: 'a' }, 2],
      [{ tool: 'b' }, 1],
      [{ 'otel.metric.overflow': true }, 2],
    ]);
    await close();
  });
});
