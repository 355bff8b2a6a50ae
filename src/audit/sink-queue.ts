import type { AuditLine } from './audit-record.js';
import type { AuditSink } from './sink.js';

/** Maximum number of records that wait for a sink. */
export const MAX_WAITING = 10_000;
/** Maximum number of records of one write. */
const MAX_BATCH = 500;
/** Maximum time that a record waits to be written together with others. */
const BATCH_WAIT_MS = 5;
const RETRY_DELAY_MS = 1_000;
/** Maximum time to write the last records when the server stops. */
const CLOSE_TIMEOUT_MS = 5_000;

/** Behavior when a sink does not keep up: records are dropped, or calls are refused. */
export type OnFull = 'drop' | 'refuse';

export interface QueueHandlers {
  /** Called when a sink begins to fail. */
  readonly onFailure: (sink: string, error: unknown) => void;
  /** Called when a sink works again, with the number of records that it missed. */
  readonly onRecovery: (sink: string, missed: number) => void;
}

/** Bounded queue of records for one sink. */
export class SinkQueue {
  readonly #waiting: AuditLine[] = [];
  #isWriting = false;
  #hasFailed = false;
  #isClosing = false;
  /** Records missed since the sink last worked. */
  #missed = 0;
  #missedInAll = 0;
  #timer: NodeJS.Timeout | undefined;
  #onEmpty: (() => void) | undefined;

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
    return this.#missedInAll;
  }

  /**
   * Whether calls must be refused. A tenth of the queue is left for the records of denials, and of calls that have
   * begun.
   */
  get isRefusing(): boolean {
    return this.onFull === 'refuse' && this.#waiting.length >= MAX_WAITING * 0.9;
  }

  add(line: AuditLine): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#missed++;
      this.#missedInAll++;
      return;
    }
    this.#waiting.push(line);
    if (!this.#isWriting) this.#timer ??= setTimeout(() => void this.#write(), BATCH_WAIT_MS);
  }

  /** Writes what waits, and closes the sink. */
  async close(): Promise<void> {
    this.#isClosing = true;
    let timer: NodeJS.Timeout | undefined;
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
      timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
    });
    if (!this.#isWriting) void this.#write();
    await empty;
    clearTimeout(timer);
    clearTimeout(this.#timer);
    this.#missed += this.#waiting.length;
    if (this.#missed > 0) this.handlers.onRecovery(this.sink.name, this.#missed);
    await this.sink.close();
  }

  async #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isWriting = true;
    const batch = this.#waiting.slice(0, MAX_BATCH);
    try {
      if (batch.length > 0) await this.sink.write(batch);
      this.#waiting.splice(0, batch.length);
      this.#recover();
    } catch (error) {
      if (!this.#hasFailed) this.handlers.onFailure(this.sink.name, error);
      this.#hasFailed = true;
    }
    this.#isWriting = false;
    if (this.#waiting.length === 0) this.#onEmpty?.();
    else this.#writeLater();
  }

  #writeLater(): void {
    if (!this.#hasFailed) void this.#write();
    else this.#timer = setTimeout(() => void this.#write(), this.#isClosing ? BATCH_WAIT_MS : RETRY_DELAY_MS);
  }

  #recover(): void {
    if (this.#isClosing || (!this.#hasFailed && this.#missed === 0)) return;
    this.handlers.onRecovery(this.sink.name, this.#missed);
    this.#hasFailed = false;
    this.#missed = 0;
  }
}
