import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';

import type { Configuration } from '../config/configuration.js';
import type { Reason } from './reason.js';
import { terminalSafe, withoutRawControls } from './terminal-safe.js';

declare module 'pino' {
  namespace pino {
    /** Types of the fields of a line that has them. */
    interface LogFnFields {
      /** Reason code of a failed request or call. */
      readonly reason?: Reason | undefined;
    }
  }
}

/** Structured log that writes one JSON object per line. */
export type Log = PinoLogger;

let now = 0;
let member = '';

/** Returns the time member of a line (RFC 3339) in pino's format, formatted at most once per millisecond. */
function timeMember(): string {
  const time = Date.now();
  if (time !== now) {
    now = time;
    member = `,"time":"${new Date(time).toISOString()}"`;
  }
  return member;
}

/**
 * Opens the log on standard output: JSON in production, readable lines in development.
 *
 * Callers select each logged field. Never log a whole request, header or argument.
 */
export async function createLog({ log, production }: Configuration): Promise<Log> {
  const options = { level: log.level, base: undefined, timestamp: timeMember };
  if (production) return pino({ ...options, base: { pid: process.pid } }, standardOutput());
  // pino-pretty is a development dependency. Without it, lines are JSON.
  const pretty = await import('pino-pretty').catch(() => undefined);
  if (!pretty) return pino(options, standardOutput());
  const readable = pretty.default({
    colorize: process.stdout.isTTY,
    ignore: 'pid,hostname',
    singleLine: true,
    sync: true,
  });
  return pino(options, { write: (line) => void readable.write(terminalSafe(line)) });
}

/** Maximum length of one write, characters. */
const MAX_WRITE_LENGTH = 16 * 1024;

/** Maximum time that a line waits to be written together with others. */
const MAX_WAIT_MS = 5;

/**
 * Writes asynchronously and batches lines, because a write costs as much as a tenth of a call. Pending lines are
 * written on exit.
 */
function standardOutput(): DestinationStream {
  const output = pino.destination({ sync: false });
  let lines = '';
  let timer: NodeJS.Timeout | undefined;
  const write = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (lines !== '') output.write(withoutRawControls(lines));
    lines = '';
  };
  process.on('exit', () => {
    write();
    output.flushSync();
  });
  return {
    write: (line) => {
      if (lines.length + line.length > MAX_WRITE_LENGTH) write();
      lines += line;
      timer ??= setTimeout(write, MAX_WAIT_MS);
    },
  };
}
