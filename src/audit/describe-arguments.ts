import type { ObservedCall } from '../observation/observer.js';
import { REDACTED } from '../values/redacted.js';

/** Maximum length of an argument in a record. Callers determine arguments, and records wait in memory. */
const MAX_LENGTH = 1_024;
/** Maximum length of a text that patterns are applied to. */
const MAX_SEARCHED = 4_096;

/** Returns the arguments of a call to record; undefined if its tool declares none. */
export type DescribeArguments = (
  call: Pick<ObservedCall, 'recordable' | 'input'>,
) => Readonly<Record<string, unknown>> | undefined;

/**
 * Returns a function that replaces what matches a pattern in the arguments that a tool lets be recorded, and shortens
 * them.
 *
 * @param patterns global regular expressions
 */
export function describeArguments(patterns: readonly RegExp[]): DescribeArguments {
  const redact = (value: unknown): unknown => {
    if (typeof value === 'string') return redactText(value);
    if (typeof value === 'number') {
      const text = redactText(String(value));
      return text === String(value) ? value : text;
    }
    if (Array.isArray(value)) return value.map(redact);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [redactText(key), redact(member)]),
    );
  };
  const redactText = (text: string): string =>
    withoutCut(
      text,
      patterns.reduce((left, pattern) => left.replace(pattern, REDACTED), text.slice(0, MAX_SEARCHED)),
    );
  return ({ recordable, input }) => {
    const given = recordable?.(input);
    return (
      given &&
      Object.fromEntries(
        Object.entries(given).map(([name, value]) => [
          name,
          shortCopy(patterns.length > 0 ? redact(value) : value),
        ]),
      )
    );
  };
}

/** Removes the end of a long text. It may hold the start of a match, which no pattern recognizes without its end. */
const withoutCut = (text: string, redacted: string): string =>
  text.length <= MAX_SEARCHED ? redacted : `${redacted.slice(0, MAX_LENGTH - MAX_SEARCHED)}…`;

/** Copies a value, which a handler may still change. Returns the start of its text or JSON if it is too long. */
function shortCopy(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  if (text.length > MAX_LENGTH) return `${text.slice(0, MAX_LENGTH)}…`;
  return typeof value === 'object' ? (JSON.parse(text) as unknown) : value;
}
