import { INVALID_REQUEST, isJSONRPCRequest } from '@modelcontextprotocol/server';

import { isRecord } from '../../values/is-record.js';
import { JsonRpcError } from './json-rpc-error.js';

/** Only revision with JSON-RPC batches, and the default revision of requests without a version header. */
const BATCH_REVISION = '2025-03-26';
/** Maximum number of messages of a batch. */
export const MAX_MESSAGES = 100;

/** Messages of a body. */
export interface Messages {
  /** One message or a batch, for the protocol. */
  readonly body: unknown;
  readonly all: readonly unknown[];
}

/**
 * Returns the messages of a body, which is one message or a batch.
 *
 * Outside a session, cancellations are removed from a batch. They could only cancel requests of the same batch, which
 * would never be answered, and neither would the batch.
 *
 * @param revision `MCP-Protocol-Version` header
 * @param inSession whether the request names a session
 * @throws {JsonRpcError} 400 for an invalid batch, or a batch in a revision without batches
 */
export function messagesOf(body: unknown, revision: string | undefined, inSession = false): Messages {
  if (!Array.isArray(body)) return { body, all: [body] };
  const batch: unknown[] = body;
  if (revision !== undefined && revision !== BATCH_REVISION) {
    throw new JsonRpcError(
      'invalid_batch',
      400,
      INVALID_REQUEST,
      `MCP ${revision.slice(0, 32)} does not support batches. Send one message per request.`,
    );
  }
  if (batch.length === 0 || batch.length > MAX_MESSAGES) {
    throw new JsonRpcError(
      'invalid_batch',
      400,
      INVALID_REQUEST,
      `A batch must have 1 to ${MAX_MESSAGES} messages.`,
    );
  }
  const ids = batch.filter((message) => isJSONRPCRequest(message)).map(({ id }) => id);
  if (new Set(ids).size < ids.length) {
    throw new JsonRpcError(
      'duplicate_id',
      400,
      INVALID_REQUEST,
      'Two requests in the batch have the same ID. Use a unique ID for each.',
    );
  }
  if (inSession) return { body: batch, all: batch };
  const all = batch.filter((message) => cancelledIn(message) === undefined);
  return { body: all, all };
}

/** Returns the method of a message; undefined if there is none. */
export function methodOf(message: unknown): string | undefined {
  const method = isRecord(message) ? message['method'] : undefined;
  return typeof method === 'string' ? method : undefined;
}

/** Returns the ID of the request that a message cancels; undefined if the message is not a cancellation. */
export function cancelledIn(message: unknown): string | number | undefined {
  if (!isRecord(message) || 'id' in message || methodOf(message) !== 'notifications/cancelled')
    return undefined;
  const { params } = message;
  const id = isRecord(params) ? params['requestId'] : undefined;
  return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}

/** Kind and name of the offer that a message requests. */
export interface Target {
  readonly kind: 'tool' | 'prompt' | 'resource' | 'template';
  readonly name: string;
}

/** Returns the tool, resource, template or prompt that a message names; undefined if it names none. */
export function targetOf(message: unknown): Target | undefined {
  const method = methodOf(message);
  const parameters = isRecord(message) ? message['params'] : undefined;
  if (method === undefined || !isRecord(parameters)) return undefined;
  const { name, uri, ref } = parameters;
  switch (method) {
    case 'tools/call':
      return named('tool', name);
    case 'prompts/get':
      return named('prompt', name);
    case 'resources/read':
    case 'resources/subscribe':
      return named('resource', uri);
    case 'completion/complete':
      if (!isRecord(ref)) return undefined;
      return ref['type'] === 'ref/prompt' ? named('prompt', ref['name']) : named('template', ref['uri']);
    default:
      return undefined;
  }
}

const named = (kind: Target['kind'], name: unknown): Target | undefined =>
  typeof name === 'string' ? { kind, name } : undefined;

/** Returns the ID for an error response: the ID of a request, or null for other messages (JSON-RPC 2.0 §5). */
export function answerId(body: unknown): string | number | null {
  return isJSONRPCRequest(body) ? body.id : null;
}
