import { infoJson, type LineLog } from '../logging/line-log.js';
import type { AuditLine } from './audit-record.js';
import type { AuditSink } from './sink.js';

/** Writes records to the log, as lines `audit`. Records wait while the log is read too slowly. */
export class LogSink implements AuditSink {
  readonly name = 'stdout';
  /** Number of lines of a repeated batch that the log has taken. */
  #taken = 0;

  constructor(private readonly log: LineLog) {}

  write(lines: readonly AuditLine[]): Promise<void> {
    for (const { text } of lines.slice(this.#taken)) {
      if (!infoJson(this.log, 'audit', text, 'audit')) {
        return Promise.reject(new Error('Standard output is read too slowly.'));
      }
      this.#taken++;
    }
    this.#taken = 0;
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
