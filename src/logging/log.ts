import { type Logger as PinoLogger, pino } from 'pino';

import type { Configuration } from '../config/configuration.js';
import { BufferedOutput } from './buffered-output.js';
import { jsonLines, timeMember } from './json-lines.js';
import type { Reason } from './reason.js';
import { standardOutput } from './standard-output.js';
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

const outputs = new WeakMap<Log, BufferedOutput>();
const children = new WeakMap<Log, Log[]>();

/** Number of lines of a log that could not be written. */
export const droppedLinesOf = (log: Log): number => outputs.get(log)?.lostLines ?? 0;

/** Changes the minimum level of the lines of a log. */
export function setLevel(log: Log, level: Configuration['log']['level']): void {
  for (const one of [log, ...(children.get(log) ?? [])]) one.level = level;
}

/**
 * Opens the log on standard output: JSON in production, readable lines in development.
 *
 * Callers select each logged field. Never log a whole request, header or argument.
 *
 * @param everywhere returns fields for each line
 */
export async function createLog(
  { log, production }: Configuration,
  everywhere?: () => Readonly<Record<string, string>>,
): Promise<Log> {
  // pino-pretty is a development dependency. Without it, lines are JSON.
  const pretty = production ? undefined : await import('pino-pretty').catch(() => undefined);
  const readable = pretty?.prettyFactory({
    colorize: process.stdout.isTTY,
    ignore: 'pid,hostname',
    singleLine: true,
  });
  const output = openOutput((lostLines) => logger.warn({ lostLines }, 'log lines were dropped'));
  const formatted = (line: string): string => (readable ? readable(terminalSafe(line)) : line);
  const destination = {
    write: (line: string): void => output.write(formatted(line)),
    flush: (done: () => void): void => output.flush(done),
  };
  const base = production ? { pid: process.pid } : undefined;
  const mixin = everywhere && { mixin: everywhere, mixinMergeStrategy: withFields };
  const kept: Log[] = [];
  // pino's children keep the level that their parent had.
  const onChild = (child: Log): void => void kept.push(child);
  const logger = pino({ level: log.level, base, timestamp: timeMember, onChild, ...mixin }, destination);
  jsonLines(logger, {
    write: destination.write,
    offer: (line) => output.offer(formatted(line)),
    pid: base?.pid,
    complete: everywhere && ((fields) => withFields(fields, everywhere())),
  });
  outputs.set(logger, output);
  children.set(logger, kept);
  return logger;
}

/** Adds fields to those of a line. The line of a request or call has them already, and is not copied. */
const withFields = (line: object, fields: object): object =>
  'trace_id' in line ? line : { ...fields, ...line };

/** Waits until all lines are written, at most a second. */
export const flushed = (log: Log): Promise<void> => new Promise((resolve) => log.flush(() => resolve()));

/** Opens standard output. A full disk, or a reader that stalls or has ended, costs lines but stops nothing. */
function openOutput(onRecovery: (lostLines: number) => void): BufferedOutput {
  const target = standardOutput();
  const output = new BufferedOutput(
    {
      write: (text, done) => target.write(withoutRawControls(text), done),
      writeLast: (text) => target.writeLast(withoutRawControls(text)),
    },
    { onLoss: reportLoss, onTooLong: reportTooLong, onRecovery },
  );
  process.on('exit', () => output.end());
  return output;
}

function reportLoss(error: Error | undefined): void {
  const why = error ? `cannot be written (${error.message})` : 'is read too slowly';
  process.stderr.write(`Standard output ${why}. Lines of the log are dropped until it works again.\n`);
}

function reportTooLong(length: number): void {
  process.stderr.write(`A line of the log is dropped, because it is too long (${length} characters).\n`);
}
