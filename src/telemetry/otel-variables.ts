import type { BatchSpanProcessorOptions } from '@opentelemetry/sdk-trace';

/**
 * Standard variables that the SDK leaves to its users: only `@opentelemetry/sdk-node`, which loads twice as many
 * packages, reads them. Invalid values are ignored, as the standard says.
 */
type Variables = Readonly<Record<string, string | undefined>>;

/** Longest time of a timer of Node.js. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Share of the requests to trace, by `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`; default all. */
export function ratioOf({
  OTEL_TRACES_SAMPLER: sampler = '',
  OTEL_TRACES_SAMPLER_ARG: given,
}: Variables): number {
  if (sampler.endsWith('always_off')) return 0;
  if (!sampler.endsWith('traceidratio')) return 1;
  const ratio = given?.trim() ? Number(given) : 1; // an empty variable counts as unset
  return ratio >= 0 && ratio <= 1 ? ratio : 1;
}

/** Interval and timeout of metrics. A timeout cannot be longer than the interval. */
export function metricTimes(variables: Variables): {
  readonly exportIntervalMillis: number;
  readonly exportTimeoutMillis: number;
} {
  const interval = milliseconds(variables['OTEL_METRIC_EXPORT_INTERVAL']) ?? 60_000;
  const timeout = milliseconds(variables['OTEL_METRIC_EXPORT_TIMEOUT']) ?? 30_000;
  return { exportIntervalMillis: interval, exportTimeoutMillis: Math.min(timeout, interval) };
}

/** Sizes and times of batches of spans. The SDK has the defaults. */
export function spanBatches(variables: Variables): Omit<BatchSpanProcessorOptions, 'exporter'> {
  const delay = milliseconds(variables['OTEL_BSP_SCHEDULE_DELAY']);
  const timeout = milliseconds(variables['OTEL_BSP_EXPORT_TIMEOUT']);
  const queue = positive(variables['OTEL_BSP_MAX_QUEUE_SIZE']);
  const batch = positive(variables['OTEL_BSP_MAX_EXPORT_BATCH_SIZE']);
  return {
    ...(delay !== undefined && { scheduledDelayMillis: delay }),
    ...(timeout !== undefined && { exportTimeoutMillis: timeout }),
    ...(queue !== undefined && { maxQueueSize: queue }),
    ...(batch !== undefined && { maxExportBatchSize: batch }),
  };
}

/** A timer with a longer time would fire at once. */
function milliseconds(text: string | undefined): number | undefined {
  const value = positive(text);
  return value === undefined ? undefined : Math.min(value, MAX_TIMER_MS);
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text);
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}
