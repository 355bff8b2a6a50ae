import { AsyncLocalStorage } from 'node:async_hooks';

import { settledWithin } from '../values/within.js';
import { messageOf } from '../values/trace-of.js';
import type { AuditLine } from './audit-record.js';
import { MissedRecords } from './missed-records.js';
import { type AuditSink, RefusedLinesError } from './sink.js';

/** Maximum number of records that wait for a sink. One that refuses calls also takes those of calls that have begun. */
export const MAX_WAITING = 10_000;
/** Maximum number of records of one write. */
const MAX_BATCH = 500;
/** Maximum time that a record waits to be written together with others. */
const BATCH_WAIT_MS = 50;
/**
 * Number of records that do not wait for others. A busy server would otherwise collect young objects twice meanwhile,
 * and so move each record to the old space, whose collections take most of the cost of a record.
 */
const MANY = 200;
const RETRY_DELAY_MS = 1_000;
/** Time for which records may wait for a sink that fails. After it, calls are refused: nobody knows whether it will work. */
const REFUSE_AFTER_MS = 10_000;
/** Maximum number of different problems that are reported before a sink works again. */
const MAX_PROBLEMS = 10;
/**
 * Maximum time for the first write when the server starts, for the last ones when it stops, and to close the sink. A write
 * that takes longer is reported.
 */
const WAIT_TIMEOUT_MS = 5_000;
/** Part of it that begins anew after this process was busy for longer than the rest. */
const LAST_WAIT_MS = 1_000;
const LATE = `The sink has not answered for ${WAIT_TIMEOUT_MS / 1_000} seconds.`;

/** Behavior when a sink does not keep up: records are dropped, or calls are refused. */
export type OnFull = 'drop' | 'refuse';

/**
 * Weight of a record. A crowded queue misses optional ones, so that strangers cannot take the part that calls need. Even a
 * full queue takes needed ones, without which a chain cannot be verified.
 */
export type Weight = 'optional' | 'usual' | 'needed';

export interface QueueHandlers {
  /** Called when a sink begins to fail, and for each other problem until it works again. */
  readonly onFailure: (sink: string, error: unknown) => void;
  /**
   * Called when a sink works again or has missed records, with the number of records that it missed. `isNews` is false
   * while it works so slowly that it leaves out optional records, except for the first time.
   */
  readonly onRecovery: (sink: string, missed: number, isNews: boolean) => void;
  /** Called when a sink is closed without the last records, with the number of records that it missed. */
  readonly onLoss: (sink: string, missed: number) => void;
}

/** Bounded queue of records for one sink. A sink that fails, or never answers, affects nothing but its queue. */
export class SinkQueue {
  readonly #waiting: AuditLine[] = [];
  /** Runs work outside of the request whose record starts it: a write belongs to no request, and to no trace. */
  readonly #outside = AsyncLocalStorage.snapshot();
  /** Maximum number of records of the next write. Smaller after a batch that the sink refused. */
  #maxBatch = MAX_BATCH;
  #isWriting = false;
  #hasWritten = false;
  /** Messages of the problems since the sink last worked. */
  readonly #problems = new Set<string>();
  /** Time of the first of them, by `performance.now()`. */
  #failingSince: number | undefined;
  /** Length of a batch that was not written. It is repeated unchanged, so that a receiver can recognize it. */
  #failedLength: number | undefined;
  #state: 'open' | 'closing' | 'closed' = 'open';
  readonly #missed = new MissedRecords();
  /** Number of missed records that the handlers know. */
  #reported = 0;
  /** Whether any that is not optional is among those that the handlers do not know. */
  #missesCalls = false;
  /** Whether the handlers know that the sink is too slow, so that it leaves out optional records. */
  #isKnownSlow = false;
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

  /** Name of the sink. */
  get name(): string {
    return this.sink.name;
  }

  /** Number of records that wait. */
  get length(): number {
    return this.#waiting.length;
  }

  /** Number of records that the sink has missed since the start. */
  get missed(): number {
    return this.#missed.count;
  }

  /** Whether the sink fails, and records wait for it. */
  get isFailing(): boolean {
    return this.#failingSince !== undefined && this.#waiting.length > 0;
  }

  /** Whether the sink has taken a record since the start. */
  get hasWritten(): boolean {
    return this.#hasWritten;
  }

  /**
   * Whether calls must be refused: until the sink has taken its first record, and the next one after a missed call, and
   * while it has failed for long or the queue is nearly full. Calls that have begun are recorded all the same: their number
   * bounds the queue.
   */
  get isRefusing(): boolean {
    if (this.onFull === 'drop') return false;
    const isNearlyFull = this.#waiting.length >= MAX_WAITING * 0.9;
    return !this.#hasWritten || this.#missesCalls || isNearlyFull || this.#failsForLong();
  }

  /** Whether half of the queue is full. The other half is left for calls. */
  get isCrowded(): boolean {
    return this.#waiting.length >= MAX_WAITING / 2;
  }

  /** Resolves when the first write has ended, well or not, or takes too long. */
  ready(): Promise<void> {
    return settledWithin(WAIT_TIMEOUT_MS, this.#firstWrite);
  }

  /**
   * Returns the number of missed records that no record of the chain knows yet, and the hash of the last stored record
   * before each gap. The caller must add a record with both.
   */
  takeMissed(): { readonly count: number; readonly after: readonly string[] } {
    return this.#missed.take();
  }

  /** @returns whether the queue has taken the record */
  add(line: AuditLine, weight: Weight = 'usual'): boolean {
    if (this.#state === 'closed' || this.#leavesOut(weight)) {
      this.#missed.leaveOut();
      this.#missesCalls ||= weight !== 'optional';
      return false;
    }
    this.#waiting.push(line);
    this.#missed.noteAdded(line);
    const { length } = this.#waiting;
    // A batch that failed is repeated later.
    if (this.#isWriting || (this.#timer && (length !== MANY || this.#failedLength !== undefined)))
      return true;
    clearTimeout(this.#timer);
    this.#timer = this.#outside(() =>
      setTimeout(() => void this.#write(), length < MANY ? BATCH_WAIT_MS : 0),
    );
    return true;
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
    this.#missed.lose(this.#waiting.splice(0).length);
    const missed = this.missed - this.#reported;
    if (missed > 0) this.handlers.onLoss(this.sink.name, missed);
    await settledWithin(WAIT_TIMEOUT_MS, this.sink.close());
  }

  async #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isWriting = true;
    const batch = this.#waiting.slice(0, this.#failedLength ?? this.#batchLength());
    // A hanging network disk or mount never fails. Whoever wonders why calls are refused must find a line about it.
    // In two steps, because the answer may be there already when this process was busy or suspended meanwhile.
    let late = setTimeout(() => {
      late = setTimeout(() => this.#report(new Error(LATE)), LAST_WAIT_MS);
    }, WAIT_TIMEOUT_MS - LAST_WAIT_MS);
    try {
      if (batch.length > 0) await this.sink.write(batch);
      this.#waiting.splice(0, batch.length);
      this.#missed.noteWritten(batch);
      this.#failedLength = undefined;
      this.#maxBatch = Math.min(this.#maxBatch * 2, MAX_BATCH);
      this.#hasWritten ||= batch.length > 0;
      this.#recover();
    } catch (error) {
      const isRefused = error instanceof RefusedLinesError;
      if (isRefused) this.#split(batch);
      this.#failedLength = isRefused ? undefined : batch.length;
      if (!isRefused || batch.length === 1) this.#report(error);
    }
    clearTimeout(late);
    this.#isWriting = false;
    this.#onFirstWrite?.();
    if (this.#waiting.length === 0) this.#onEmpty?.();
    else this.#writeLater();
  }

  /** Lets the next write be half as long. Drops a single record, which would block all others. */
  #split({ length }: readonly AuditLine[]): void {
    this.#maxBatch = Math.ceil(length / 2);
    const dropped = length === 1 ? this.#waiting.shift() : undefined;
    if (!dropped) return;
    this.#missed.drop(dropped);
    this.#missesCalls = true;
  }

  /** Returns the length of the next batch, whose records belong to one chain. */
  #batchLength(): number {
    const chain = this.#waiting[0]?.chain;
    const last = Math.min(this.#waiting.length, this.#maxBatch);
    for (let length = 1; length < last; length++) if (this.#waiting[length]?.chain !== chain) return length;
    return last;
  }

  #writeLater(): void {
    if (this.#state === 'closed') return;
    const mustRepeat = this.#failedLength !== undefined;
    const isFull = this.#state === 'closing' || this.#waiting.length >= Math.min(this.#maxBatch, MANY);
    if (isFull && !mustRepeat) void this.#write();
    else {
      const delay = mustRepeat && this.#state === 'open' ? RETRY_DELAY_MS : BATCH_WAIT_MS;
      this.#timer = setTimeout(() => void this.#write(), delay);
    }
  }

  #leavesOut(weight: Weight): boolean {
    if (weight === 'optional') return this.isCrowded;
    return weight === 'usual' && this.onFull === 'drop' && this.#waiting.length >= MAX_WAITING;
  }

  #failsForLong(): boolean {
    const since = this.#failingSince;
    return since !== undefined && this.isFailing && performance.now() - since >= REFUSE_AFTER_MS;
  }

  /** Reports a problem once: a sink that is repaired in the wrong way fails for another reason. */
  #report(error: unknown): void {
    this.#failingSince ??= performance.now();
    const problem = messageOf(error);
    if (this.#problems.size === MAX_PROBLEMS || this.#problems.has(problem)) return;
    this.#problems.add(problem);
    this.handlers.onFailure(this.sink.name, error);
  }

  #recover(): void {
    this.#failingSince = undefined;
    // Clearly below half. Otherwise, each write of a slow sink would be news.
    const isDrained = this.#waiting.length < MAX_WAITING / 4;
    if (isDrained) this.#isKnownSlow = false;
    const missed = this.missed - this.#reported;
    const hasFailed = this.#problems.size > 0;
    if (this.#state !== 'open' || (!hasFailed && missed === 0)) return;
    const isNews = hasFailed || this.#missesCalls || !this.#isKnownSlow;
    this.#problems.clear();
    this.#reported = this.missed;
    this.#missesCalls = false;
    if (missed > 0 && !isDrained) this.#isKnownSlow = true;
    this.handlers.onRecovery(this.sink.name, missed, isNews);
  }
}
