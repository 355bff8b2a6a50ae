import type { Log } from '../logging/log.js';
import { traceOf } from '../logging/trace-of.js';
import { Interruption, runningCalls } from './running-call.js';

/** Log lines of one tool per window; further errors are only counted. */
const MAX_LINES = 10;
const WINDOW_MS = 60_000;

/**
 * The last line of defense against errors that nothing caught.
 *
 * A rejection that nobody handles is logged, and the process goes on. So does it after an exception of a call's own
 * callback, such as one in a timer: otherwise whoever may call one faulty tool could end instance after instance. After
 * any other exception the state of the process is unknown, and it must end.
 */
export class StrayErrors {
  readonly #windows = new Map<string, { start: number; lines: number; suppressed: number }>();

  /** @param onUnattributed ends the process, once what it has accepted is answered */
  constructor(
    private readonly log: Log,
    private readonly onUnattributed: () => void,
  ) {}

  /** Catches all stray errors of this process from now on, and logs its warnings. */
  watch(): void {
    process.on('unhandledRejection', (reason) => this.onRejection(reason));
    process.on('uncaughtException', (error) => this.onException(error));
    // Node's own listener, absent with NODE_NO_WARNINGS, writes texts that callers may have chosen to the terminal as they are.
    if (process.listenerCount('warning') === 0) return;
    process.removeAllListeners('warning');
    process.on('warning', (warning) => this.onWarning(warning));
  }

  onWarning(warning: Error): void {
    this.#report('warn', warning, 'process warning');
  }

  onRejection(reason: unknown): void {
    if (!isInterruption(reason)) this.#report('error', reason, 'unhandled rejection');
  }

  onException(error: unknown): void {
    if (isInterruption(error)) return;
    if (runningCalls.getStore()) {
      this.#report('error', error, 'uncaught exception');
      return;
    }
    this.#report('fatal', error, 'uncaught exception outside of any call: the process stops');
    this.onUnattributed();
  }

  #report(level: 'warn' | 'error' | 'fatal', error: unknown, message: string): void {
    const fields = runningCalls.getStore()?.fields;
    const suppressed = this.#admit(fields?.['tool'] ?? fields?.['resource'] ?? fields?.['prompt'] ?? '');
    if (suppressed === undefined) return;
    this.log[level]({ ...fields, error: traceOf(error), ...(suppressed > 0 && { suppressed }) }, message);
  }

  /** Returns how many lines were suppressed before this one; undefined where this one is, too. */
  #admit(source: string): number | undefined {
    const now = performance.now();
    let window = this.#windows.get(source);
    if (!window || now - window.start > WINDOW_MS) {
      window = { start: now, lines: 0, suppressed: window?.suppressed ?? 0 };
      this.#windows.set(source, window);
    }
    if (window.lines >= MAX_LINES) {
      window.suppressed++;
      return undefined;
    }
    window.lines++;
    const { suppressed } = window;
    window.suppressed = 0;
    return suppressed;
  }
}

function isInterruption(thrown: unknown): boolean {
  try {
    return thrown instanceof Interruption;
  } catch {
    return false; // a proxy may refuse to tell
  }
}
