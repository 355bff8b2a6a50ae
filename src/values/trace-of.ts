import { inspect, types } from 'node:util';

const MAX_CAUSES = 5;
const MAX_LENGTH = 10_000;

/**
 * Returns the stacks of an error and its causes. Omits their other members, which may contain requests with
 * credentials.
 *
 * Accepts any thrown value, never throws, and limits the length of the text.
 */
export function traceOf(thrown: unknown): string {
  const seen = new Set<unknown>();
  const traces: string[] = [];
  let current = thrown;
  do {
    seen.add(current);
    traces.push(ownTraceOf(current));
    current = memberOf(current, 'cause');
  } while (current !== undefined && !seen.has(current) && seen.size <= MAX_CAUSES);
  return shortened(traces.join('\nCaused by: '));
}

/** Returns the message of any thrown value, of limited length. Never throws. */
export function messageOf(thrown: unknown): string {
  return textOf(typeof thrown === 'string' ? thrown : memberOf(thrown, 'message')) ?? described(thrown);
}

/**
 * Copies the name, message, stack and causes of any thrown value. Omits other members, as {@link traceOf} does.
 *
 * @param depth number of errors that this one has caused
 */
export function bareError(thrown: unknown, depth = 0): Error {
  const cause = depth < MAX_CAUSES ? memberOf(thrown, 'cause') : undefined;
  const error = new Error(
    messageOf(thrown),
    cause === undefined ? undefined : { cause: bareError(cause, depth + 1) },
  );
  error.name = textOf(memberOf(thrown, 'name')) ?? 'Error';
  error.stack = textOf(memberOf(thrown, 'stack')) ?? error.toString();
  return error;
}

function ownTraceOf(thrown: unknown): string {
  const trace = textOf(memberOf(thrown, 'stack')) ?? messageOf(thrown);
  return [trace, ...aggregatedIn(thrown).map((error) => `- ${messageOf(error)}`)].join('\n');
}

/** Returns the first errors of an AggregateError. */
function aggregatedIn(thrown: unknown): unknown[] {
  const errors = memberOf(thrown, 'errors');
  return attempt(() => (Array.isArray(errors) ? errors.slice(0, MAX_CAUSES) : [])) ?? [];
}

/** Returns a member of an error; undefined for other values, and if reading the member throws. */
const memberOf = (thrown: unknown, name: 'name' | 'stack' | 'message' | 'cause' | 'errors'): unknown =>
  attempt(() => (thrown instanceof Error ? Reflect.get(thrown, name) : undefined));

/** Describes a value without running its code, such as custom inspection or proxy traps. */
const described = (value: unknown): string =>
  attempt(() => shortened(inspect(value, { depth: -1, customInspect: false, showProxy: true }))) ??
  // Before Node.js 22.19, an error whose members throw.
  `${types.isNativeError(value) ? 'an Error' : 'a value'} that cannot be described`;

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? shortened(value) : undefined;

const shortened = (text: string): string =>
  text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}… (${text.length} characters)` : text;

function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
