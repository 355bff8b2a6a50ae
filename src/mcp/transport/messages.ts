import { INVALID_REQUEST, isJSONRPCRequest } from '@modelcontextprotocol/server';

import type { Asked, Target } from '../authorization/authorization.service.js';
import { isRecord } from '../is-record.js';
import { JsonRpcError } from './json-rpc-error.js';
import { dropNullArguments } from './null-arguments.js';

/** The one revision that has JSON-RPC batches, and what a request without a version header is taken for. */
const BATCH_REVISION = '2025-03-26';
const MOST_MESSAGES = 100;

/** A body that may be served. */
export interface Messages {
  /** What the protocol gets: one message, or a batch. */
  readonly body: unknown;
  readonly all: readonly unknown[];
}

/**
 * The messages of a body, which is one message or a batch.
 *
 * A batch loses its cancellations: without a session there is nothing to cancel but the batch's own requests,
 * and a request that is cancelled is never answered, so that neither would be the batch.
 *
 * @param revision the MCP-Protocol-Version header
 * @param inSession whether there is something else to cancel
 * @throws {JsonRpcError} 400 when there may be no batch, or not such a one
 */
export function messagesOf(body: unknown, revision: string | undefined, inSession = false): Messages {
  if (!Array.isArray(body)) return { body, all: [body] };
  const batch: unknown[] = body;
  if (revision !== undefined && revision !== BATCH_REVISION) {
    throw new JsonRpcError(
      'invalid_batch',
      400,
      INVALID_REQUEST,
      `MCP ${revision.slice(0, 32)} has no batches. Send one message.`,
    );
  }
  if (batch.length === 0 || batch.length > MOST_MESSAGES) {
    throw new JsonRpcError(
      'invalid_batch',
      400,
      INVALID_REQUEST,
      `A batch has 1 to ${MOST_MESSAGES} messages.`,
    );
  }
  const ids = batch.filter((message) => isJSONRPCRequest(message)).map(({ id }) => id);
  if (new Set(ids).size < ids.length) {
    throw new JsonRpcError(
      'duplicate_id',
      400,
      INVALID_REQUEST,
      'Two requests of the batch have the same id.',
    );
  }
  if (inSession) return { body: batch, all: batch };
  const all = batch.filter((message) => cancelledIn(message) === undefined);
  return { body: all, all };
}

/** A message, read once for all that needs to know what it asks for. */
export interface Message {
  readonly body: unknown;
  /** undefined where it has none, such as an answer. */
  readonly method: string | undefined;
  /** What it asks for; undefined where that is not on offer, or its sender may not know of it. */
  readonly asked: Asked | undefined;
}

/**
 * Reads a message. Nulls that stand for absent members are removed from it.
 *
 * @param find finds what the sender of the message may know of
 */
export function readMessage(body: unknown, find: (target: Target) => Asked | undefined): Message {
  dropNullArguments(body);
  const target = targetOf(body);
  return { body, method: methodOf(body), asked: target && find(target) };
}

/** The method of a message; undefined where it has none. */
export function methodOf(message: unknown): string | undefined {
  const method = isRecord(message) ? message['method'] : undefined;
  return typeof method === 'string' ? method : undefined;
}

/** The id of the request that a message cancels; undefined if it cancels none, or is a request itself. */
export function cancelledIn(message: unknown): string | number | undefined {
  if (!isRecord(message) || 'id' in message || methodOf(message) !== 'notifications/cancelled')
    return undefined;
  const { params } = message;
  const id = isRecord(params) ? params['requestId'] : undefined;
  return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}

/** What a message asks for; undefined where it names nothing that is on offer. */
function targetOf(message: unknown): Target | undefined {
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

/** The id of an error that answers a message: that of a request, or null (JSON-RPC 2.0 §5). */
export function answerId(body: unknown): string | number | null {
  return isJSONRPCRequest(body) ? body.id : null;
}

/** The id of an error that answers all messages of a body: that of the one request, or null. */
export const answerIdOf = (messages: readonly Message[]): string | number | null =>
  messages.length === 1 ? answerId(messages[0]?.body) : null;
