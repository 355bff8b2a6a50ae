import { metricTimes, ratioOf, spanBatches } from './otel-variables.js';

describe('the standard variables', () => {
  it.each([
    [{}, 60_000, 30_000],
    [{ OTEL_METRIC_EXPORT_INTERVAL: '5000' }, 5_000, 5_000],
    [{ OTEL_METRIC_EXPORT_INTERVAL: '5000', OTEL_METRIC_EXPORT_TIMEOUT: '1000' }, 5_000, 1_000],
    [{ OTEL_METRIC_EXPORT_INTERVAL: '9999999999' }, 2 ** 31 - 1, 30_000], // a timer would fire at once
    [{ OTEL_METRIC_EXPORT_INTERVAL: 'often', OTEL_METRIC_EXPORT_TIMEOUT: '-1' }, 60_000, 30_000],
  ])('%j determine interval and timeout of metrics', (variables, interval, timeout) => {
    expect(metricTimes(variables)).toEqual({ exportIntervalMillis: interval, exportTimeoutMillis: timeout });
  });

  it('determine batches of spans', () => {
    expect(spanBatches({})).toEqual({});
    expect(
      spanBatches({
        OTEL_BSP_SCHEDULE_DELAY: '500',
        OTEL_BSP_EXPORT_TIMEOUT: '1000',
        OTEL_BSP_MAX_QUEUE_SIZE: '4096',
        OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '0',
      }),
    ).toEqual({ scheduledDelayMillis: 500, exportTimeoutMillis: 1_000, maxQueueSize: 4_096 });
  });

  it.each([
    [{}, 1],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' }, 0.01],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' }, 1],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '' }, 1],
    [{ OTEL_TRACES_SAMPLER: 'always_off' }, 0],
  ])('%j determine the share of traced requests', (variables, ratio) => {
    expect(ratioOf(variables)).toBe(ratio);
  });
});
