import type { LoggingLevel } from '@modelcontextprotocol/server';

import { toPlain } from '../../logging/plain.js';
import { plainJson } from '../invocation/plain-json.js';

/** The levels of MCP's log messages (RFC 5424). */
const LEVELS: ReadonlySet<string> = new Set<LoggingLevel>([
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
]);

const DEFAULT_LEVEL = 'info';

/** The level of a log message; `info` for a level that the protocol lacks, with which clients would refuse the message. */
export const toldLevel = (level: LoggingLevel): LoggingLevel => (LEVELS.has(level) ? level : DEFAULT_LEVEL);

/**
 * Data for a client, as JSON represents it. What JSON would lose, such as a Map or an error, becomes readable instead,
 * without the stack of an error. Never throws.
 */
export function toldData(data: unknown): unknown {
  try {
    return plainJson(data) ?? null;
  } catch {
    return toPlain(data, { stack: false });
  }
}

/** A text for a client. Anything else, which only JavaScript lets a handler pass, becomes its JSON. */
export function toldText(text: unknown): string {
  return typeof text === 'string' ? text : JSON.stringify(toldData(text));
}
