/** Maximum length of one write while the target keeps up, characters. */
const MAX_WRITE_LENGTH = 64 * 1024;

/** Maximum time that a line waits to be written together with others. */
const MAX_WAIT_MS = 20;

/** Maximum length of the lines that wait for a slow target, characters. Further lines are dropped. */
const MAX_WAITING_LENGTH = 4 * 1024 ** 2;

/** Further length that is left for lines that their writer repeats if they are not taken, characters. */
const RESERVED_LENGTH = 1024 ** 2;

/** Maximum time that {@link BufferedOutput.flush} waits for a slow target. */
const FLUSH_TIMEOUT_MS = 1_000;

/** Target of log lines. */
export interface OutputTarget {
  /** Writes a text and then calls `done`. The next text follows only then. */
  write(text: string, done: (error?: Error | null) => void): void;
  /** Writes a text before the process exits, as far as this is possible without waiting. May throw. */
  writeLast(text: string): void;
}

/** Handlers for the loss of lines. */
export interface LossHandlers {
  /** Called once when lines begin to be dropped. The error is undefined when the target does not keep up. */
  readonly onLoss: (error: Error | undefined) => void;
  /** Called for each line that is dropped because it is longer than all lines that may wait. */
  readonly onTooLong: (length: number) => void;
  /** Called when the target accepts lines again. */
  readonly onRecovery: (lostLines: number) => void;
}

/**
 * Writes lines in batches, because a write costs as much as a tenth of a call.
 *
 * Neither a full disk nor a reader that stalls or has ended stops the process or fills its memory: lines that cannot be
 * written are dropped and counted.
 */
export class BufferedOutput {
  #lines = '';
  #timer: NodeJS.Timeout | undefined;
  #isWriting = false;
  #hasFailed = false;
  /** Lines lost since the target last accepted lines. */
  #lostLines = 0;
  #lostLinesInAll = 0;
  #onIdle: (() => void)[] = [];

  constructor(
    private readonly target: OutputTarget,
    private readonly handlers: LossHandlers,
  ) {}

  /** Number of lines lost since the start. */
  get lostLines(): number {
    return this.#lostLinesInAll;
  }

  write(line: string): void {
    if (line.length > MAX_WAITING_LENGTH) {
      this.#lostLinesInAll++;
      this.handlers.onTooLong(line.length);
      return;
    }
    if (this.#lines.length + line.length > MAX_WAITING_LENGTH) {
      this.#lose(1, undefined);
      return;
    }
    this.#add(line);
  }

  /** Writes a line unless too many wait. Returns whether it has taken the line; one that it has not is not counted. */
  offer(line: string): boolean {
    if (this.#lines.length + line.length > MAX_WAITING_LENGTH + RESERVED_LENGTH) return false;
    this.#add(line);
    return true;
  }

  /** Calls back when all lines are written, or after {@link FLUSH_TIMEOUT_MS}. */
  flush(done: () => void): void {
    if (!this.#isWriting) this.#send();
    if (!this.#isWriting) {
      done();
      return;
    }
    let isDone = false;
    const finish = (): void => {
      clearTimeout(timer);
      if (!isDone) done();
      isDone = true;
    };
    const timer = setTimeout(finish, FLUSH_TIMEOUT_MS);
    this.#onIdle.push(finish);
  }

  /** Writes the last lines when the process exits. */
  end(): void {
    const text = this.#take();
    if (text === '') return;
    try {
      this.target.writeLast(text);
    } catch {
      // The process exits, and nobody can be told.
    }
  }

  #add(line: string): void {
    this.#lines += line;
    if (this.#isWriting) return;
    if (this.#lines.length > MAX_WRITE_LENGTH) this.#send();
    else this.#sendLater();
  }

  #take(): string {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // An error may have cut off a line.
    const text = this.#hasFailed && this.#lines !== '' ? `\n${this.#lines}` : this.#lines;
    this.#lines = '';
    return text;
  }

  #send(): void {
    const text = this.#take();
    if (text === '') return;
    this.#isWriting = true;
    this.target.write(text, (error) => {
      this.#isWriting = false;
      this.#hasFailed = Boolean(error);
      if (error) {
        this.#lose(text.trim().split('\n').length, error);
        if (this.#lines !== '') this.#sendLater();
      } else {
        // Small writes, one after the other, would cost more than the lines.
        if (this.#lines.length > MAX_WRITE_LENGTH || this.#onIdle.length > 0) this.#send();
        else if (this.#lines !== '') this.#sendLater();
        this.#recover();
      }
      if (this.#isWriting) return;
      const waiting = this.#onIdle;
      this.#onIdle = [];
      waiting.forEach((finish) => finish());
    });
  }

  #sendLater(): void {
    this.#timer ??= setTimeout(() => this.#send(), MAX_WAIT_MS);
  }

  #lose(lines: number, error: Error | undefined): void {
    const isFirst = this.#lostLines === 0;
    this.#lostLines += lines;
    this.#lostLinesInAll += lines;
    if (isFirst) this.handlers.onLoss(error);
  }

  #recover(): void {
    const lost = this.#lostLines;
    if (lost === 0) return;
    this.#lostLines = 0;
    this.handlers.onRecovery(lost);
  }
}
