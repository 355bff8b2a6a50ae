import type { AuditLine } from './audit-record.js';

/** Thrown when a sink refuses lines for their size or contents, so that it would always refuse the same lines. */
export class RefusedLinesError extends Error {
  override readonly name = 'RefusedLinesError';
}

/** HTTP status of such a refusal. A receiver that answers with another one may be repaired. */
export const TOO_LARGE_STATUS = 413;

/** Destination of audit records. */
export interface AuditSink {
  /** Name in the configuration and in messages. */
  readonly name: string;
  /**
   * Stores lines durably, in their order. All belong to one chain. Never called while an earlier write is pending.
   *
   * @throws {RefusedLinesError} when none is stored, because of the size or contents of some; fewer lines are given at once
   * @throws {Error} when it is not certain that all of them are stored; the same lines are given again later
   */
  write(lines: readonly AuditLine[]): Promise<void>;
  close(): Promise<void>;
}
