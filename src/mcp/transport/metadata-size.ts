import { INVALID_PARAMS } from '@modelcontextprotocol/server';

import { isRecord } from '../is-record.js';
import { JsonRpcError } from './json-rpc-error.js';

/** Limits of a part of a message. */
interface Size {
  readonly values: number;
  readonly characters: number;
}

/** Maximum size of what describes the client or the request. Clients send tens of values. */
const MAX_METADATA: Size = { values: 1_000, characters: 64 * 1024 };

/** Maximum size of everything else but the arguments of a tool, such as names of resources to listen to. */
const MAX_OTHER: Size = { values: 10_000, characters: Infinity };

/** Members of `params` that describe the client or the request. */
const METADATA = new Set(['_meta', 'capabilities', 'clientInfo']);

/** A text of so few characters has at most as many values as {@link MAX_METADATA}: each takes two at least. */
const SMALL = 2 * MAX_METADATA.values;

/**
 * Refuses messages with more values than the protocol needs outside of the arguments of a tool. The protocol's schemas
 * look into each of these values, at up to a hundred times the cost of parsing it.
 *
 * @param body one message or a batch
 * @param text the JSON that it was parsed from
 * @throws {JsonRpcError} 400
 */
export function requireSmallMetadata(body: unknown, text: string): void {
  if (text.length <= SMALL) return;
  const messages: unknown[] = Array.isArray(body) ? body : [body];
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

/** Whether a value has no more than what is left, from which it takes its own. */
function fits(value: unknown, left: { values: number; characters: number }): boolean {
  if (typeof value === 'string') left.characters -= value.length;
  if (typeof value !== 'object' || value === null) return left.characters >= 0;
  const members: unknown[] = Object.values(value);
  left.values -= members.length;
  if (left.values < 0) return false;
  if (!Array.isArray(value)) for (const name of Object.keys(value)) left.characters -= name.length;
  return left.characters >= 0 && members.every((member) => fits(member, left));
}

const TOO_MANY_VALUES = `The message has more than ${MAX_OTHER.values} values in addition to the arguments of a tool. Send fewer.`;

const tooLarge = (name: string): string =>
  `params.${name} is too large: at most ${MAX_METADATA.values} values and ${MAX_METADATA.characters} characters.`;
