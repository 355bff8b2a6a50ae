import { Logger } from '@nestjs/common';

import { isRecord } from '../../values/is-record.js';
import { oncePer } from '../../values/once-per.js';
import { plainJson } from '../../values/plain-json.js';
import type { McpToolOptions } from '../decorators/mcp-tool.decorator.js';
import { schemaOf } from '../dto/from-dto.js';
import { toJsonSchema } from './published-schema/conversion.js';
import type { ObjectSchema } from './published-schema/published-schema.js';
import { Redaction } from './redaction.js';

type Arguments = Readonly<Record<string, unknown>>;

/** Selects the arguments that may be recorded, and redacts them. Never throws. */
export type Recordable = (input: unknown) => Arguments | undefined;

/** Text in place of arguments whose redaction failed. */
const FAILED = '[redaction failed]';

/** Minimum time between two lines about the same tool. Callers may choose arguments that make its hook fail. */
const REPORT_INTERVAL_MS = 60_000;

const LOGGER = new Logger('Audit');

/**
 * Compiles what a tool declares about records of its arguments. Returns undefined if none may be recorded.
 *
 * @param inputSchema published schema of the arguments
 * @param problems receives names that are no arguments
 */
export function recordableOf(
  { name: tool, audit, input }: McpToolOptions,
  inputSchema: ObjectSchema,
  problems: string[],
): Recordable | undefined {
  const { record = [], redact: hook } = audit ?? {};
  const { properties = {} } = inputSchema;
  for (const name of record.filter((argument) => !Object.hasOwn(properties, argument))) {
    problems.push(`its audit.record names "${name}", which is not an argument`);
  }
  if (record.length === 0 || !input || problems.length > 0) return undefined;
  const redaction = Redaction.of(toJsonSchema(schemaOf(input), 'input'));
  const select = (given: Arguments): Arguments =>
    Object.fromEntries(
      record
        .filter((name) => Object.hasOwn(given, name))
        .map((name) => [name, redaction ? redaction.argument(name, given[name]) : given[name]]),
    );
  const isTimeToReport = oncePer(REPORT_INTERVAL_MS);
  const report = (error: unknown): void => {
    if (!isTimeToReport()) return;
    // Its message may contain an argument.
    const kind = error instanceof Error ? error.constructor.name : typeof error;
    LOGGER.error(
      `Arguments of ${tool} cannot be redacted (${kind}), so its records contain "${FAILED}" instead. Correct its audit.redact.`,
    );
  };
  return (given) => {
    if (!isRecord(given)) return undefined;
    try {
      const selected = select(given);
      return hook ? redactedBy(hook, selected) : selected;
    } catch (error) {
      report(error);
      return Object.fromEntries(
        record.filter((name) => Object.hasOwn(given, name)).map((name) => [name, FAILED]),
      );
    }
  };
}

/** @throws when the hook fails, or returns anything else than an object of JSON */
function redactedBy(hook: (recorded: Arguments) => Arguments, selected: Arguments): Arguments {
  const returned: unknown = hook(structuredClone(selected));
  if (returned instanceof Promise) returned.catch(() => undefined);
  const plain = plainJson(returned);
  if (!isRecord(plain)) throw new TypeError('The hook returned no object.');
  return plain;
}
