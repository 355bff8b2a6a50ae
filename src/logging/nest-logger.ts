import { inspect } from 'node:util';

import { ConsoleLogger, type LogLevel } from '@nestjs/common';

import type { Log } from './log.js';
import { toPlain } from './plain.js';

/** NestJS's own start is of interest only to those who debug it. */
const FRAMEWORK = new Set<string | undefined>([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'RouterExplorer',
  'RoutesResolver',
]);

const LEVELS = {
  fatal: 'fatal',
  error: 'error',
  warn: 'warn',
  log: 'info',
  debug: 'debug',
  verbose: 'debug',
} as const satisfies Record<LogLevel, string>;

/** One call of a logger, as the log writes it. What is undefined is left out. */
interface Entry {
  context: string | undefined;
  stack?: unknown;
  /** The first error among the arguments. */
  err?: unknown;
  /** All other arguments that are not the message's text: one as it is, several as a list. */
  data?: unknown;
}

/**
 * Lets everything that uses NestJS's `Logger` write to the one log, one line a call.
 *
 * NestJS's own logger decides which argument is the context, which a stack, and how errors and other values
 * are written. Only its output is replaced.
 */
export class NestLogger extends ConsoleLogger {
  readonly #target: Log;

  constructor(log: Log) {
    // Arguments that are objects stay apart: merged, one could hide members of another.
    super({ json: true, structuredParams: false });
    // Errors are plain already. pino's own serializer would drop the members of their causes.
    this.#target = log.child({}, { serializers: { err: (error: unknown) => error } });
  }

  override isLevelEnabled(level: LogLevel): boolean {
    return this.#target.isLevelEnabled(LEVELS[level]) && super.isLevelEnabled(level);
  }

  protected override printMessages(
    messages: unknown[],
    context?: string,
    level: LogLevel = 'log',
    _stream?: 'stdout' | 'stderr',
    stack?: unknown,
  ): void {
    const name = level === 'log' && FRAMEWORK.has(context) ? 'debug' : LEVELS[level];
    const entry: Entry = { context, stack };
    const [message] = messages;
    // As nearly all lines are.
    if (messages.length === 1 && typeof message === 'string') this.#target[name](entry, message);
    else this.#target[name](...this.#read(messages, entry));
  }

  /** Never throws, whatever the arguments do when they are read. */
  #read(messages: readonly unknown[], entry: Entry): [entry: Entry, text?: string] {
    try {
      // A function is a message that is made only where it is logged.
      const values = messages.map((message) => this.resolveMessage(message));
      const [first, ...others] = values;
      const error = values.find((value) => value instanceof Error);
      const isText = typeof first !== 'object' || first === null;
      const data = (isText ? others : values).filter((value) => value !== error);
      return [
        {
          ...entry,
          ...(error && { err: toPlain(error) }),
          ...(data.length > 0 && { data: toPlain(data.length === 1 ? data[0] : data) }),
        },
        isText ? textOf(first) : first === error ? textOf(error?.message) : undefined,
      ];
    } catch (error) {
      return [{ ...entry, err: toPlain(error), data: toPlain(messages) }];
    }
  }
}

function textOf(value: unknown): string {
  const plain = toPlain(value);
  return typeof plain === 'string' ? plain : inspect(plain);
}
