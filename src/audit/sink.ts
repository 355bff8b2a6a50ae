import type { AuditLine } from './audit-record.js';

/** Thrown when a sink refuses lines only because they are too large, which the same lines will always be. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
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
   * @throws {TooLargeError} when none is stored, because together they are too large; fewer lines are given at once
   * @throws {Error} when it is not certain that all of them are stored; the same lines are given again later
   */
  write(lines: readonly AuditLine[]): Promise<void>;
  close(): Promise<void>;
}
