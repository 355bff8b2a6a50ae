import { inspect } from 'node:util';

import { ConsoleLogger, type LogLevel } from '@nestjs/common';

import type { Log } from './log.js';
import { cutText, toPlain } from './plain.js';

/** Contexts of NestJS's startup messages, which are logged at debug level. */
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

/** Fields of a log line. Undefined fields are omitted. */
interface Entry {
  context: string | undefined;
  stack?: unknown;
  /** First error among the arguments. */
  err?: unknown;
  /** Other arguments except the message text: a single value, or a list of several. */
  data?: unknown;
}

/**
 * Writes everything logged through NestJS's `Logger` to the structured log, one line per call.
 *
 * The base class determines which arguments are the context and the stack. Only the output is replaced.
 */
export class NestLogger extends ConsoleLogger {
  readonly #target: Log;

  constructor(log: Log) {
    // Object arguments are not merged, because one could hide members of another.
    super({ json: true, structuredParams: false });
    // Errors are already plain objects. pino's serializer would drop members of their causes.
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
    const entry: Entry = { context, stack: stack === undefined ? undefined : toPlain(stack) };
    const [message] = messages;
    // Fast path for nearly all lines.
    if (messages.length === 1 && typeof message === 'string') this.#target[name](entry, cutText(message));
    else this.#target[name](...this.#read(messages, entry));
  }

  /** Converts the arguments into fields and text. Never throws, even if reading an argument does. */
  #read(messages: readonly unknown[], entry: Entry): [entry: Entry, text?: string] {
    try {
      // A function computes its message only if the message is logged.
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
