import { context, propagation, trace, type Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import type { Resource } from '@opentelemetry/resources';
import {
  InstrumentType,
  type MetricReader,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

import type { Configuration } from '../config/configuration.js';
import { spanHandlers } from '../logging/handler-span.js';
import type { LineLog } from '../logging/line-log.js';
import { nestLines } from '../logging/nest-lines.js';
import { followSteps } from '../logging/steps.js';
import { collectorAt } from '../network/collector.js';
import type { Gauges } from '../observation/gauges.js';
import type { Observer } from '../observation/observer.js';
import { serviceResource } from '../observation/service-resource.js';
import { settledWithin } from '../values/within.js';
import { Histograms } from './histograms.js';
import { metricsObserver, stepMeasurer } from './metrics.js';
import { NO_EVENTS, withoutErrorTexts } from './no-error-texts.js';
import { observeGauges } from './observe-gauges.js';
import { metricTimes, ratioOf, spanBatches } from './otel-variables.js';
import { observeProcess } from './process-gauges.js';
import { RandomSampler } from './random-sampler.js';
import { reportFailures } from './report-failures.js';
import { traceHttpRequests } from './trace-http-requests.js';
import { handlerSpan, traceStep } from './trace-steps.js';
import { currentSpan, tracesObserver } from './traces.js';

const SCOPE = 'aerie';

/** Maximum time to send the last spans and metrics when the server stops. */
const STOP_TIMEOUT_MS = 2_000;

/** Maximum number of series of one metric: some for each of a thousand tools. */
const MAX_SERIES = 20_000;

/** Running telemetry of this process. */
export interface Telemetry {
  readonly observers: readonly Observer[];
  /** Returns the fields that lead from a log line to the current span; undefined if nothing is traced. */
  readonly logFields: (() => Readonly<Record<string, string>>) | undefined;
  /** Measures the gauges whenever metrics are collected. */
  observe(gauges: Gauges): void;
  /**
   * Returns all metrics in the text format of Prometheus: only gauges and those of the process if neither
   * `METRICS_PORT` nor the collector gets metrics.
   */
  readonly metricsText: () => Promise<string>;
  /** Sends what is left, and stops. */
  readonly stop: () => Promise<void>;
}

/** Overrides. */
export interface TelemetryOptions {
  readonly spanProcessors?: readonly SpanProcessor[];
  /** Destination of problems with the collector; default NestJS's `Logger`. */
  readonly log?: LineLog;
}

/** Settings of telemetry, and the name of the instance that it describes. */
interface Described extends Pick<Configuration, 'telemetry'> {
  readonly sessions: Pick<Configuration['sessions'], 'instance'>;
}

/**
 * Starts OpenTelemetry: metrics for Prometheus and a collector, and traces for a collector.
 *
 * @param variables the standard variables `OTEL_*`; the SDK reads some of them from the environment of the process
 */
export function startTelemetry(
  { telemetry: { metrics, tracesUrl, metricsUrl, organizations }, sessions: { instance } }: Described,
  variables: NodeJS.ProcessEnv,
  { spanProcessors = [], log = nestLines() }: TelemetryOptions = {},
): Telemetry {
  // Without an id, the totals of several processes would be one series that goes up and down.
  const resource = serviceResource(`${instance}:${process.pid}`);
  const sendsMetrics = metricsUrl !== undefined && variables['OTEL_METRICS_EXPORTER'] !== 'none';
  // An application that configures no collector may read the metrics as a text.
  const measures = metrics !== undefined || sendsMetrics || (tracesUrl ?? metricsUrl) === undefined;
  const histograms = new Histograms(SCOPE, MAX_SERIES);
  const prometheus = new PrometheusExporter({
    preventServerStart: true,
    metricProducers: [histograms.producer()],
  });
  const meters = startMetrics(resource, [
    prometheus,
    ...(sendsMetrics ? [collectorReader(metricsUrl, histograms, variables, log)] : []),
  ]);
  const meter = meters.getMeter(SCOPE);
  observeProcess(meter);
  const processors = [
    ...spanProcessors,
    ...(tracesUrl !== undefined && variables['OTEL_TRACES_EXPORTER'] !== 'none'
      ? [
          new BatchSpanProcessor({
            exporter: reportFailures(
              new OTLPTraceExporter(collectorAt(tracesUrl, 'TRACES', variables)),
              'traces',
              log,
            ),
            ...spanBatches(variables),
            selfObsMeterProvider: meters,
          }),
        ]
      : []),
  ];
  const tracers = processors.length > 0 ? startTraces(resource, processors, ratioOf(variables)) : undefined;
  const tracer = tracers?.getTracer(SCOPE);
  const endOutgoing = tracers && tracer && traceOutgoing(tracers, tracer);
  const measureStep = measures ? stepMeasurer(meter, histograms) : undefined;
  const unfollow = followSteps((step) => {
    measureStep?.(step);
    if (tracer) traceStep(tracer, step);
  });
  const unspan = tracer && spanHandlers(handlerSpan(tracer));
  const serializer = new PrometheusSerializer('', false, undefined, true, true);
  return {
    observers: [
      ...(measures ? [metricsObserver(meter, histograms, organizations)] : []),
      ...(tracer ? [tracesObserver(tracer, instance)] : []),
    ],
    logFields: tracer && currentSpan,
    observe: (gauges) => observeGauges(meter, gauges),
    metricsText: async () => serializer.serialize((await prometheus.collect()).resourceMetrics),
    stop: () => {
      unfollow();
      unspan?.();
      endOutgoing?.();
      return settledWithin(STOP_TIMEOUT_MS, Promise.allSettled([meters.shutdown(), tracers?.shutdown()]));
    },
  };
}

/** Sends metrics to a collector, as totals or as differences by `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`. */
function collectorReader(
  url: string,
  histograms: Histograms,
  variables: NodeJS.ProcessEnv,
  log: LineLog,
): MetricReader {
  const collector = collectorAt(url, 'METRICS', variables);
  const exporter = reportFailures(new OTLPMetricExporter(collector), 'metrics', log);
  const temporality = exporter.selectAggregationTemporality(InstrumentType.HISTOGRAM);
  return new PeriodicExportingMetricReader({
    exporter,
    ...metricTimes(variables),
    metricProducers: [histograms.producer(temporality)],
  });
}

function startMetrics(resource: Resource, readers: MetricReader[]): MeterProvider {
  return new MeterProvider({
    resource,
    readers,
    views: [{ instrumentName: '*', aggregationCardinalityLimit: MAX_SERIES }],
  });
}

function startTraces(resource: Resource, spanProcessors: SpanProcessor[], ratio: number): TracerProvider {
  const provider = new TracerProvider({
    resource,
    spanProcessors: [withoutErrorTexts, ...spanProcessors],
    spanLimits: NO_EVENTS,
    sampler: new RandomSampler(ratio),
  });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  return provider;
}

/**
 * Continues the trace in outgoing requests. Without a span of a request, none is traced.
 *
 * @returns a function that ends it
 */
function traceOutgoing(provider: TracerProvider, tracer: Tracer): () => void {
  const instrumentation = new UndiciInstrumentation({
    requireParentforSpans: true,
    // Path and query may hold arguments of a call.
    startSpanHook: ({ origin }) => ({ 'url.full': origin, 'url.path': '', 'url.query': '' }),
  });
  instrumentation.setTracerProvider(provider);
  const endHttp = traceHttpRequests(tracer);
  return () => {
    instrumentation.disable();
    endHttp();
  };
}
