import { AsyncLocalStorage } from 'node:async_hooks';

import { settledWithin } from '../values/settled-within.js';
import type { AuditLine } from './audit-record.js';
import type { AuditSink } from './sink.js';

/** Maximum number of records that wait for a sink. */
export const MAX_WAITING = 10_000;
/** Maximum number of records of one write. */
const MAX_BATCH = 500;
/** Maximum time that a record waits to be written together with others. */
const BATCH_WAIT_MS = 50;
const RETRY_DELAY_MS = 1_000;
/** Maximum time for the first write when the server starts, for the last ones when it stops, and to close the sink. */
const WAIT_TIMEOUT_MS = 5_000;

/** Behavior when a sink does not keep up: records are dropped, or calls are refused. */
export type OnFull = 'drop' | 'refuse';

export interface QueueHandlers {
  /** Called when a sink begins to fail. */
  readonly onFailure: (sink: string, error: unknown) => void;
  /** Called when a sink works again, with the number of records that it missed. */
  readonly onRecovery: (sink: string, missed: number) => void;
  /** Called when a sink is closed without the last records, with the number of records that it missed. */
  readonly onLoss: (sink: string, missed: number) => void;
}

/** Bounded queue of records for one sink. A sink that fails, or never answers, affects nothing but its queue. */
export class SinkQueue {
  readonly #waiting: AuditLine[] = [];
  /** Runs work outside of the request whose record starts it: a write belongs to no request, and to no trace. */
  readonly #outside = AsyncLocalStorage.snapshot();
  #isWriting = false;
  #hasWritten = false;
  #hasFailed = false;
  /** Length of a batch that was not written. It is repeated unchanged, so that a receiver can recognize it. */
  #failedLength: number | undefined;
  #state: 'open' | 'closing' | 'closed' = 'open';
  /** Number of records missed since the sink last worked. */
  #missed = 0;
  #missedBefore = 0;
  #timer: NodeJS.Timeout | undefined;
  #onEmpty: (() => void) | undefined;
  #onFirstWrite: (() => void) | undefined;
  readonly #firstWrite = new Promise<void>((resolve) => {
    this.#onFirstWrite = resolve;
  });

  constructor(
    private readonly sink: AuditSink,
    readonly onFull: OnFull,
    private readonly handlers: QueueHandlers,
  ) {}

  /** Number of records that wait. */
  get length(): number {
    return this.#waiting.length;
  }

  /** Number of records that the sink has missed since the start. */
  get missed(): number {
    return this.#missedBefore + this.#missed;
  }

  /**
   * Whether calls must be refused: until the sink has taken its first record, and while the queue is nearly full. A tenth
   * of the queue is left for calls that have begun.
   */
  get isRefusing(): boolean {
    return this.onFull === 'refuse' && (!this.#hasWritten || this.#waiting.length >= MAX_WAITING * 0.9);
  }

  /** Whether half of the queue is full. The other half is left for calls. */
  get isCrowded(): boolean {
    return this.#waiting.length >= MAX_WAITING / 2;
  }

  /** Resolves when the first write has ended, well or not, or takes too long. */
  ready(): Promise<void> {
    return settledWithin(WAIT_TIMEOUT_MS, this.#firstWrite);
  }

  add(line: AuditLine): void {
    if (this.#state === 'closed' || this.#waiting.length >= MAX_WAITING) {
      this.#missed++;
      return;
    }
    this.#waiting.push(line);
    if (this.#isWriting || this.#timer) return;
    this.#timer = this.#outside(() => setTimeout(() => void this.#write(), BATCH_WAIT_MS));
  }

  /** Writes what waits, and closes the sink. */
  async close(): Promise<void> {
    this.#state = 'closing';
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    if (!this.#isWriting) void this.#write();
    await settledWithin(WAIT_TIMEOUT_MS, empty);
    this.#state = 'closed';
    clearTimeout(this.#timer);
    this.#missed += this.#waiting.splice(0).length;
    if (this.#missed > 0) this.handlers.onLoss(this.sink.name, this.#missed);
    await settledWithin(WAIT_TIMEOUT_MS, this.sink.close());
  }

  async #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isWriting = true;
    const batch = this.#waiting.slice(0, this.#failedLength ?? this.#batchLength());
    try {
      if (batch.length > 0) await this.sink.write(batch);
      this.#waiting.splice(0, batch.length);
      this.#failedLength = undefined;
      this.#hasWritten ||= batch.length > 0;
      this.#recover();
    } catch (error) {
      if (!this.#hasFailed) this.handlers.onFailure(this.sink.name, error);
      this.#hasFailed = true;
      this.#failedLength = batch.length;
    }
    this.#isWriting = false;
    this.#onFirstWrite?.();
    if (this.#waiting.length === 0) this.#onEmpty?.();
    else this.#writeLater();
  }

  /** Returns the length of the next batch, whose records belong to one chain. */
  #batchLength(): number {
    const chain = this.#waiting[0]?.chain;
    const last = Math.min(this.#waiting.length, MAX_BATCH);
    for (let length = 1; length < last; length++) if (this.#waiting[length]?.chain !== chain) return length;
    return last;
  }

  #writeLater(): void {
    if (this.#state === 'closed') return;
    const isFull = this.#state === 'closing' || this.#waiting.length >= MAX_BATCH;
    if (isFull && !this.#hasFailed) void this.#write();
    else {
      const delay = this.#hasFailed && this.#state === 'open' ? RETRY_DELAY_MS : BATCH_WAIT_MS;
      this.#timer = setTimeout(() => void this.#write(), delay);
    }
  }

  #recover(): void {
    const missed = this.#missed;
    if (this.#state !== 'open' || (!this.#hasFailed && missed === 0)) return;
    this.#hasFailed = false;
    this.#missedBefore += missed;
    this.#missed = 0;
    this.handlers.onRecovery(this.sink.name, missed);
  }
}
