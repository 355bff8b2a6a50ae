import cluster from 'node:cluster';

import type { Configuration } from './config/configuration.js';
import { ConfigurationError } from './config/configuration-error.js';
import { type Address, listenProblem } from './config/listen-problem.js';
import type { LineLog } from './logging/line-log.js';
import type { Telemetry } from './telemetry/start-telemetry.js';

/** Starts telemetry if it is configured. Otherwise, nothing of it is loaded. */
export async function telemetryOf(
  configuration: Configuration,
  log: LineLog,
): Promise<Telemetry | undefined> {
  const { metrics, tracesUrl, metricsUrl } = configuration.telemetry;
  if (!metrics && tracesUrl === undefined && metricsUrl === undefined) return undefined;
  const { startTelemetry } = await import('./telemetry/start-telemetry.js');
  return startTelemetry(configuration, process.env, { log });
}

/** Serves the metrics of this process, or of a worker through the primary process. */
export async function showMetrics(configuration: Configuration, { metricsText }: Telemetry): Promise<void> {
  if (!configuration.telemetry.metrics) return;
  if (!cluster.isWorker) {
    await serve(configuration, configuration.telemetry.metrics, metricsText);
    return;
  }
  const { answerPrimary } = await import('./telemetry/worker-metrics.js');
  answerPrimary(metricsText);
}

/** Serves the sum of the metrics of all workers. */
export async function showMetricsOfWorkers(configuration: Configuration): Promise<void> {
  const { metrics } = configuration.telemetry;
  if (!metrics) return;
  const { countRestarts, WorkerMetrics } = await import('./telemetry/worker-metrics.js');
  const restarts = countRestarts(configuration.workers);
  const workers = new WorkerMetrics();
  await serve(configuration, metrics, async () => (await workers.read()) + restarts());
}

/** @throws {ConfigurationError} when the settings prevent the server of the metrics from listening */
async function serve(
  { http, devIssuer }: Configuration,
  address: Address,
  read: () => Promise<string>,
): Promise<void> {
  const { serveMetrics } = await import('./telemetry/metrics-server.js');
  try {
    await serveMetrics(address, read);
  } catch (error) {
    const problem = listenProblem(error, address, 'METRICS_PORT', {
      PORT: http.port,
      DEV_ISSUER_PORT: devIssuer?.port,
    });
    throw problem ? new ConfigurationError([problem]) : error;
  }
}
