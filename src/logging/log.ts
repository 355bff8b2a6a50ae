import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';

import type { Configuration } from '../config/configuration.js';
import { terminalSafe, withoutRawControls } from './terminal-safe.js';

/** The structured log: one JSON object a line. Also the injection token of the {@link LOG}. */
export type Log = PinoLogger;

/** Injection token of the {@link Log}. */
export const LOG = Symbol('LOG');

let now = 0;
let member = '';

/** When a line is written (RFC 3339), as pino puts it between the members; made once for each millisecond. */
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
 * What is logged is chosen field by field where it is logged; no request, header or argument ever is as a whole.
 */
export async function createLog({ log, production }: Configuration): Promise<Log> {
  const options = { level: log.level, base: undefined, timestamp: timeMember };
  if (production) return pino({ ...options, base: { pid: process.pid } }, standardOutput());
  // A development dependency: where it is missing, the lines are JSON.
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

/** Maximum size of what is written in one piece, characters. */
const PIECE = 16 * 1024;

/** Time that a line may wait for others to be written with it, milliseconds. */
const MAX_WAIT = 5;

/**
 * Writes without waiting for the disk or the terminal, and several lines in one piece: a write costs as much as a tenth
 * of a call. Lines that are not written yet are written at the end.
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
      if (lines.length + line.length > PIECE) write();
      lines += line;
      timer ??= setTimeout(write, MAX_WAIT);
    },
  };
}
