import type { Configuration } from '../config/configuration.js';
import type { LineLog } from '../logging/line-log.js';
import type { Gauge } from '../observation/gauges.js';
import type { Observer } from '../observation/observer.js';
import { loadOptional } from '../values/load-optional.js';
import { messageOf } from '../values/trace-of.js';
import { AuditObserver } from './audit-observer.js';
import type { AuditFields } from './audit-record.js';
import { AuditTrail } from './audit-trail.js';
import { describeArguments } from './describe-arguments.js';
import { FileSink } from './file-sink.js';
import { LogSink } from './log-sink.js';
import type { AuditSink } from './sink.js';
import { MAX_WAITING, SinkQueue } from './sink-queue.js';
import { WebhookSink } from './webhook-sink.js';

type Settings = NonNullable<Configuration['audit']>;

/** Settings of the sinks that can change while they run. */
type Credentials = Pick<Settings, 'databaseUrl' | 'webhook'>;

const MINUTE_MS = 60_000;

/** Running audit trail of this process. */
export interface Audit {
  readonly observer: Observer;
  readonly gauges: readonly Gauge[];
  /**
   * Records an event that is neither a request nor a call.
   *
   * @throws {TypeError} when JSON cannot represent a field; nothing is recorded
   */
  readonly record: (fields: AuditFields) => void;
  /** Applies changed credentials of the sinks to the records that are written next. */
  readonly adopt: (settings: Settings) => void;
  /** Writes what waits, and closes the chain. */
  readonly close: () => Promise<void>;
}

/**
 * Starts the audit trail. Resolves when calls can be recorded, or at the latest after a few seconds.
 *
 * @param instance name of the instance
 * @param isLogOfCalls whether `log` is also the log of calls, at a level that shows records
 */
export async function startAudit(
  settings: Settings,
  instance: string,
  log: LineLog,
  isLogOfCalls = false,
): Promise<Audit> {
  const handlers = {
    onFailure: (sink: string, error: unknown): void => {
      log.error({ sink, problem: messageOf(error) }, 'audit records cannot be written');
    },
    onRecovery: (sink: string, missed: number, isNews: boolean): void => {
      if (isNews) log.warn({ sink, missed }, 'audit records can be written again');
      trail.recordMissed(sink);
    },
    onLoss: (sink: string, missed: number): void => {
      log.error({ sink, missed }, 'audit records were lost when the server stopped');
    },
  };
  let credentials: Credentials = settings;
  const sinks = await Promise.all(
    settings.sinks.map(({ name }) => sinkOf(name, settings, () => credentials, log)),
  );
  const queues = sinks.map(
    (sink, index) => new SinkQueue(sink, settings.sinks[index]?.onFull ?? 'drop', handlers),
  );
  const trail = new AuditTrail(instance, queues);
  await trail.ready();
  const patterns = settings.redact.map((source) => new RegExp(source, 'g'));
  const replacesLines = isLogOfCalls && settings.sinks.some(({ name }) => name === 'stdout');
  const observer = new AuditObserver(trail, describeArguments(patterns), settings.digestKey, replacesLines);
  const timer = setInterval(() => observer.endMinute(), MINUTE_MS).unref();
  return {
    observer,
    gauges: gaugesOf(trail),
    record: (fields) => {
      // A copy, because the caller may change them before they are written.
      const copy: AuditFields = JSON.parse(JSON.stringify(fields));
      trail.record(copy);
    },
    adopt: (next) => {
      credentials = next;
    },
    close: () => {
      clearInterval(timer);
      observer.endMinute();
      return trail.close();
    },
  };
}

async function sinkOf(
  name: Settings['sinks'][number]['name'],
  { directory, retention, webhook, otlpUrl = '' }: Settings,
  credentials: () => Credentials,
  log: LineLog,
): Promise<AuditSink> {
  if (name === 'file') {
    return new FileSink(directory, retention, (error) =>
      log.warn({ problem: messageOf(error) }, 'audit files that are too old cannot be removed'),
    );
  }
  if (name === 'webhook' && webhook) {
    return new WebhookSink(webhook.url, () => credentials().webhook?.secrets ?? []);
  }
  if (name === 'otlp') {
    const packages = [
      '@opentelemetry/api',
      '@opentelemetry/core',
      '@opentelemetry/exporter-logs-otlp-proto',
      '@opentelemetry/resources',
    ];
    const { OtlpSink } = await loadOptional('AUDIT=otlp', packages, () => import('./otlp-sink.js'));
    return new OtlpSink(otlpUrl);
  }
  if (name !== 'postgres') return new LogSink(log);
  const { PostgresSink } = await loadOptional(
    'AUDIT=postgres',
    ['pg'],
    () => import('./postgres/postgres-sink.js'),
  );
  return new PostgresSink(() => credentials().databaseUrl ?? '');
}

const gaugesOf = (trail: AuditTrail): Gauge[] => [
  {
    name: 'aerie.audit.waiting',
    unit: '{record}',
    description: 'Audit records that wait for the slowest sink',
    read: () => trail.waiting,
  },
  {
    name: 'aerie.audit.limit',
    unit: '{record}',
    description: 'Maximum number of audit records that wait for a sink',
    read: () => MAX_WAITING,
  },
  {
    name: 'aerie.audit.failing',
    unit: '{sink}',
    description: 'Sinks of the audit trail that fail while records wait for them',
    read: () => trail.failing,
  },
  {
    name: 'aerie.audit.missed',
    unit: '{record}',
    description: 'Audit records that sinks have missed',
    read: () => trail.missed,
    isTotal: true,
  },
];
