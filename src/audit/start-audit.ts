import type { Configuration } from '../config/configuration.js';
import type { LineLog } from '../logging/line-log.js';
import type { Gauge } from '../observation/gauges.js';
import type { Observer } from '../observation/observer.js';
import { AuditObserver } from './audit-observer.js';
import { AuditTrail } from './audit-trail.js';
import { FileSink } from './file-sink.js';
import { LogSink } from './log-sink.js';
import type { AuditSink } from './sink.js';
import { MAX_WAITING, SinkQueue } from './sink-queue.js';

type Settings = NonNullable<Configuration['audit']>;

/** Running audit trail of this process. */
export interface Audit {
  readonly observer: Observer;
  readonly gauges: readonly Gauge[];
  /** Writes what waits, and closes the chain. */
  readonly close: () => Promise<void>;
}

/** @param instance name of the instance */
export function startAudit(settings: Settings, instance: string, log: LineLog): Audit {
  const queues = settings.sinks.map(
    ({ name, onFull }) =>
      new SinkQueue(sinkOf(name, settings, log), onFull, {
        onFailure: (sink, error) => {
          const problem = error instanceof Error ? error.message : String(error);
          log.error({ sink, problem }, 'audit records cannot be written');
        },
        onRecovery: (sink, missed) => log.warn({ sink, missed }, 'audit records can be written again'),
      }),
  );
  const trail = new AuditTrail(instance, queues);
  return {
    observer: new AuditObserver(trail, settings.digestKey),
    gauges: [
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
        name: 'aerie.audit.missed',
        unit: '{record}',
        description: 'Audit records that sinks have missed',
        read: () => trail.missed,
        isTotal: true,
      },
    ],
    close: () => trail.close(),
  };
}

function sinkOf(name: Settings['sinks'][number]['name'], settings: Settings, log: LineLog): AuditSink {
  return name === 'file' ? new FileSink(settings.directory, settings.retention) : new LogSink(log);
}
