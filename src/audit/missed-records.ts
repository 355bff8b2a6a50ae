import type { AuditLine } from './audit-record.js';

/** Counts the records that one sink has missed, and knows the lines before the gaps that they leave. */
export class MissedRecords {
  #count = 0;
  /** Part of them that records of the chain know. */
  #recorded = 0;
  /** Lines before the gaps of which no record of the chain knows yet. */
  #beforeGaps: AuditLine[] = [];
  #lastAdded: AuditLine | undefined;
  #lastWritten: AuditLine | undefined;

  /** Number of missed records since the start. */
  get count(): number {
    return this.#count;
  }

  noteAdded(line: AuditLine): void {
    this.#lastAdded = line;
  }

  noteWritten(batch: readonly AuditLine[]): void {
    this.#lastWritten = batch.at(-1) ?? this.#lastWritten;
  }

  /** Counts a record that was not added. */
  leaveOut(): void {
    this.#count++;
    if (this.#lastAdded && this.#beforeGaps.at(-1) !== this.#lastAdded)
      this.#beforeGaps.push(this.#lastAdded);
  }

  /** Counts an added record that the sink cannot write. */
  drop(dropped: AuditLine): void {
    this.#count++;
    // A gap that follows it begins earlier now.
    this.#beforeGaps = this.#beforeGaps.filter((line) => line !== dropped);
    if (this.#lastAdded === dropped) this.#lastAdded = this.#lastWritten;
    if (this.#lastWritten && !this.#beforeGaps.includes(this.#lastWritten))
      this.#beforeGaps.push(this.#lastWritten);
  }

  /** Counts records that were added last. Nothing follows them. */
  lose(count: number): void {
    this.#count += count;
  }

  /**
   * Returns the number of missed records that no record of the chain knows yet, and the hash of the last stored record
   * before each gap. Without the hashes, somebody could change what comes before a gap, because the record after it contains
   * the hash of a missed one.
   */
  take(): { readonly count: number; readonly after: readonly string[] } {
    const count = this.#count - this.#recorded;
    this.#recorded = this.#count;
    return { count, after: this.#beforeGaps.splice(0).map(({ record }) => record.hash) };
  }
}
