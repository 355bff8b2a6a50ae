import type { LoggingLevel } from '@modelcontextprotocol/server';

import { toPlain } from '../../logging/plain.js';
import { plainJson } from '../../values/plain-json.js';

/** Levels of MCP log messages (RFC 5424). */
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

/** Returns the level of a log message, or `info` for an unknown level, because clients would reject the message. */
export const toldLevel = (level: LoggingLevel): LoggingLevel => (LEVELS.has(level) ? level : DEFAULT_LEVEL);

/**
 * Converts data for a client to JSON. Values that JSON would lose, such as a Map or an error, become readable; an error
 * has no stack. Never throws.
 */
export function toldData(data: unknown): unknown {
  try {
    return plainJson(data) ?? null;
  } catch {
    return toPlain(data, { stack: false });
  }
}

/** Returns a string for a client. Other values, which handlers in JavaScript may pass, are converted to JSON. */
export function toldText(text: unknown): string {
  return typeof text === 'string' ? text : JSON.stringify(toldData(text));
}
