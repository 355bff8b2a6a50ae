import { INVALID_PARAMS } from '@modelcontextprotocol/server';

import { isRecord } from '../../values/is-record.js';
import { JsonRpcError } from './json-rpc-error.js';
import { MAX_MESSAGES } from './messages.js';

/** Maximum size of a part of a message. */
interface Size {
  readonly values: number;
  readonly characters: number;
}

/** Maximum size of each part that describes the client or the request. Clients send tens of values. */
const MAX_METADATA: Size = { values: 1_000, characters: 64 * 1024 };

/** Maximum size of all other parts except the arguments of a tool. An example is the URIs of resources to listen to. */
const MAX_OTHER: Size = { values: 10_000, characters: Infinity };

/** Members of `params` that describe the client or the request. */
const METADATA = new Set(['_meta', 'capabilities', 'clientInfo']);

/** Length up to which a text cannot exceed {@link MAX_METADATA}, because each value takes at least two characters. */
const SMALL = 2 * MAX_METADATA.values;

/**
 * Rejects messages with more values outside the arguments of a tool than the protocol needs. The protocol's schemas
 * check each of these values, which costs up to a hundred times as much as parsing.
 *
 * @param body one message or a batch
 * @param text JSON of the body
 * @throws {JsonRpcError} 400
 */
export function requireSmallMetadata(body: unknown, text: string): void {
  if (text.length <= SMALL) return;
  // A longer batch is rejected later, without a look at its messages.
  const messages: unknown[] = Array.isArray(body) ? body.slice(0, MAX_MESSAGES) : [body];
  for (const message of messages) {
    const problem = problemOf(message);
    if (problem === undefined) continue;
    const id = message === body && isRecord(message) ? message['id'] : undefined;
    const details = { id: typeof id === 'string' || typeof id === 'number' ? id : null };
    throw new JsonRpcError('metadata_too_large', 400, INVALID_PARAMS, problem, {}, details);
  }
}

function problemOf(message: unknown): string | undefined {
  if (!isRecord(message)) return fits(message, { ...MAX_OTHER }) ? undefined : TOO_MANY_VALUES;
  const { params, ...outer } = message;
  const left = { ...MAX_OTHER };
  if (!isRecord(params)) return fits([outer, params], left) ? undefined : TOO_MANY_VALUES;
  const others: unknown[] = [outer];
  for (const [name, part] of Object.entries(params)) {
    if (METADATA.has(name)) {
      if (!fits(part, { ...MAX_METADATA })) return tooLarge(name);
    } else if (name !== 'arguments' || message['method'] !== 'tools/call') others.push(part);
  }
  return fits(others, left) ? undefined : TOO_MANY_VALUES;
}

/** Subtracts the size of a value from the rest. Returns whether the value fits. */
function fits(value: unknown, left: { values: number; characters: number }): boolean {
  if (typeof value === 'string') left.characters -= value.length;
  if (typeof value !== 'object' || value === null) return left.characters >= 0;
  const members: unknown[] = Object.values(value);
  left.values -= members.length;
  if (left.values < 0) return false;
  if (!Array.isArray(value)) for (const name of Object.keys(value)) left.characters -= name.length;
  return left.characters >= 0 && members.every((member) => fits(member, left));
}

const TOO_MANY_VALUES = `The message has more than ${MAX_OTHER.values} values outside the arguments of a tool. Send fewer values.`;

const tooLarge = (name: string): string =>
  `params.${name} is too large. The maximum is ${MAX_METADATA.values} values and ${MAX_METADATA.characters} characters.`;
