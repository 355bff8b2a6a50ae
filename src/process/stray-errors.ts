import type { Log } from '../logging/log.js';
import { traceOf } from '../values/trace-of.js';
import { Interruption, runningCalls } from './running-call.js';

/** Maximum log lines of one tool per window. Further errors are only counted. */
const MAX_LINES = 10;
const WINDOW_MS = 60_000;

/**
 * Handles errors that nothing else caught.
 *
 * Logs unhandled rejections, and exceptions in callbacks of a call such as timers, and keeps the process running.
 * Otherwise, callers of a faulty tool could stop instance after instance. After any other exception, the state of the
 * process is unknown, so the process must stop.
 */
export class StrayErrors {
  readonly #windows = new Map<string, { start: number; lines: number; suppressed: number }>();

  /** @param onUnattributed stops the process after it has responded to accepted requests */
  constructor(
    private readonly log: Log,
    private readonly onUnattributed: () => void,
  ) {}

  /** Starts handling uncaught errors of this process and logging its warnings. */
  watch(): void {
    process.on('unhandledRejection', (reason) => this.onRejection(reason));
    process.on('uncaughtException', (error) => this.onException(error));
    // Node's listener, absent with NODE_NO_WARNINGS, writes unescaped text to the terminal, which callers may control.
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

  /** Returns the number of lines suppressed before this one; undefined if this line is suppressed too. */
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
    return false; // a proxy may throw
  }
}
