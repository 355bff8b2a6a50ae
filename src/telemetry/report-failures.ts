import { AsyncLocalStorage } from 'node:async_hooks';

import { type ExportResult, ExportResultCode } from '@opentelemetry/core';

import type { LineLog } from '../logging/line-log.js';
import { connectionProblem } from '../values/connection-problem.js';
import { oncePer } from '../values/once-per.js';

/** Minimum time between two lines about failures, for a collector that fails again and again. */
const REPORT_INTERVAL_MS = 60_000;

/** Sender of spans or metrics to a collector. */
interface Exporter<Items> {
  export(items: Items, done: (result: ExportResult) => void): void;
}

/**
 * Logs when an exporter begins to fail, and when it works again. The SDK itself tells nobody.
 *
 * @param what name of the items that it sends
 */
export function reportFailures<Items, Given extends Exporter<Items>>(
  exporter: Given & Exporter<Items>,
  what: 'traces' | 'metrics',
  log: LineLog,
): Given {
  const send = exporter.export.bind(exporter);
  const isTimeToReport = oncePer(REPORT_INTERVAL_MS);
  // The request whose span came first in a batch has set its timer. A line would have the trace of that request.
  const outside = AsyncLocalStorage.snapshot();
  let isReported = false;
  const report = (result: ExportResult): void => {
    if (result.code === ExportResultCode.SUCCESS) {
      if (isReported) log.warn({}, `${what} can be sent to the collector again`);
      isReported = false;
    } else if (!isReported && isTimeToReport()) {
      log.error({ problem: problemOf(result.error) }, `${what} cannot be sent to the collector`);
      isReported = true;
    }
  };
  exporter.export = (items, done) =>
    send(items, (result) => {
      outside(report, result);
      done(result);
    });
  return exporter;
}

/** Returns the status of a response, or what prevented one. The body of a response may be anything. */
function problemOf(error: unknown): string {
  const problem = connectionProblem(error);
  return error instanceof Error && 'code' in error && typeof error.code === 'number'
    ? `status ${error.code} ${problem}`.trim()
    : problem;
}
