import { infoJson, type LineLog } from '../logging/line-log.js';
import type { AuditLine } from './audit-record.js';
import type { AuditSink } from './sink.js';

/** Writes records to the log, as lines `audit`. */
export class LogSink implements AuditSink {
  readonly name = 'stdout';

  constructor(private readonly log: LineLog) {}

  write(lines: readonly AuditLine[]): Promise<void> {
    for (const { text } of lines) infoJson(this.log, 'audit', text, 'audit');
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
