import type { AuditLine } from './audit-record.js';

/** Destination of audit records. */
export interface AuditSink {
  /** Name in the configuration and in messages. */
  readonly name: string;
  /**
   * Stores lines durably, in their order. All belong to one chain.
   *
   * @throws {Error} when it is not certain that all of them are stored; the same lines are given again later
   */
  write(lines: readonly AuditLine[]): Promise<void>;
  close(): Promise<void>;
}
