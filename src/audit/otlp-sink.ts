import { SeverityNumber } from '@opentelemetry/api';
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';

import { collectorAt } from '../network/collector.js';
import { serviceResource } from '../observation/service-resource.js';
import { connectionProblem } from '../values/connection-problem.js';
import { type AuditLine, type AuditRecord, tellsMissed } from './audit-record.js';
import { type AuditSink, TOO_LARGE_STATUS, RefusedLinesError } from './sink.js';

type LogRecord = Parameters<OTLPLogExporter['export']>[0][number];

const SCOPE = { name: 'aerie.audit' };
const TRACE_ID = /^[\da-f]{32}$/;

/**
 * Sends records as OTLP logs. It uses the exporter without the batching of the SDK, which drops what it cannot send. A
 * repeated batch has the same hashes.
 */
export class OtlpSink implements AuditSink {
  readonly name = 'otlp';
  readonly #exporter: OTLPLogExporter;
  #resource: LogRecord['resource'] | undefined;

  /** @param url URL of the receiver with its path, such as `http://localhost:4318/v1/logs` */
  constructor(url: string) {
    this.#exporter = new OTLPLogExporter(collectorAt(url, 'LOGS', process.env));
  }

  write(lines: readonly AuditLine[]): Promise<void> {
    const [first] = lines;
    if (!first) return Promise.resolve();
    const resource = (this.#resource ??= serviceResource(first.record.instance));
    return new Promise((resolve, reject) => {
      this.#exporter.export(
        lines.map((line) => logRecordOf(line, resource)),
        ({ code, error }) => {
          const isTooLarge = error && 'code' in error && error.code === TOO_LARGE_STATUS;
          const Fault = isTooLarge ? RefusedLinesError : Error;
          if (code === ExportResultCode.SUCCESS) resolve();
          else reject(new Fault(`The collector took no audit records: ${connectionProblem(error)}`));
        },
      );
    });
  }

  async close(): Promise<void> {
    await this.#exporter.shutdown();
  }
}

/** Maps a record to the log data model of OpenTelemetry. The body is the exact text, whose hash can be verified. */
function logRecordOf({ record, text, time }: AuditLine, resource: LogRecord['resource']): LogRecord {
  const hrTime: LogRecord['hrTime'] = [Math.floor(time / 1_000), (time % 1_000) * 1e6];
  const { traceId } = record;
  const [severityText, severityNumber] = severityOf(record);
  return {
    hrTime,
    hrTimeObserved: hrTime,
    severityText,
    severityNumber,
    eventName: `aerie.audit.${record.event}`,
    body: text,
    attributes: attributesOf(record),
    droppedAttributesCount: 0,
    // The span is unknown, but the data model allows a trace alone.
    ...(traceId !== undefined &&
      TRACE_ID.test(traceId) && { spanContext: { traceId, spanId: '', traceFlags: 0 } }),
    resource,
    instrumentationScope: SCOPE,
  };
}

function severityOf(record: AuditRecord): [string, SeverityNumber] {
  if (tellsMissed(record)) return ['ERROR', SeverityNumber.ERROR];
  const isUsual = record.outcome === 'success' || record.event === 'records.missed';
  return isUsual ? ['INFO', SeverityNumber.INFO] : ['WARN', SeverityNumber.WARN];
}

/** Returns the fields to search by, with the names of the semantic conventions where they exist. */
const attributesOf = (record: AuditRecord): LogRecord['attributes'] =>
  Object.fromEntries(
    Object.entries({
      'user.id': record.subject,
      'client.address': record.address,
      'gen_ai.tool.name': record.tool,
      'gen_ai.prompt.name': record.prompt,
      'aerie.resource.name': record.resource,
      'error.type': record.reason,
      'http.response.status_code': record.status,
      'aerie.outcome': record.outcome,
      'aerie.organization': record.organization,
      'aerie.client': record.client,
      'aerie.request_id': record.requestId,
      'aerie.audit.chain': record.chain,
      'aerie.audit.seq': record.seq,
      'aerie.audit.hash': record.hash,
    }).filter(([, value]) => value !== undefined),
  );
