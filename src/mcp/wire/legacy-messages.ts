import {
  INVALID_REQUEST,
  isInitializeRequest,
  isSpecType,
  type JSONRPCMessage,
  parseJSONRPCMessage,
  type RequestId,
} from '@modelcontextprotocol/server';
import type { Request } from 'express';

import { invalidMessage } from './invalid-message.js';
import { JsonRpcError, REFUSED, responseOf } from './json-rpc-error.js';
import { methodOf } from './messages.js';
import { isRequest } from './plain-request.js';
import { LEGACY_REVISIONS, MODERN_REVISION } from './revisions.js';

/**
 * Returns the messages of a legacy POST (MCP specification, basic/transports).
 *
 * @throws {JsonRpcError} 400 for an unsupported revision or an invalid message
 */
export function legacyMessages(request: Request, body: unknown): JSONRPCMessage[] {
  const messages = messagesIn(body);
  const opens = messages.some((message) => 'method' in message && message.method === 'initialize');
  if (opens && Array.isArray(body)) {
    throw new JsonRpcError(
      'invalid_batch',
      400,
      INVALID_REQUEST,
      'An initialize request must not be part of a batch.',
    );
  }
  if (!opens) requireLegacyRevision(request);
  return messages;
}

/** @throws {JsonRpcError} 400 with the supported revisions, unless the request names one of them or none */
export function requireLegacyRevision({ headers }: Request): void {
  const { 'mcp-protocol-version': revision } = headers;
  if (typeof revision !== 'string' || LEGACY_REVISIONS.has(revision)) return;
  const supported = [MODERN_REVISION, ...LEGACY_REVISIONS].join(', ');
  throw new JsonRpcError(
    'unsupported_revision',
    400,
    REFUSED,
    `Unsupported protocol version (supported versions: ${supported})`,
  );
}

/** Whether a body is a valid `initialize` request. */
export const isInitialize = (body: unknown): boolean =>
  methodOf(body) === 'initialize' && isInitializeRequest(body);

/** Returns the IDs of the requests among the messages. */
export function requestIdsOf(messages: readonly JSONRPCMessage[]): Set<RequestId> {
  return new Set(messages.flatMap((message) => ('method' in message && 'id' in message ? [message.id] : [])));
}

/**
 * Removes invalid elements from a batch, and returns an error response for each (JSON-RPC 2.0 §6). A batch without any
 * valid element is returned unchanged, to be rejected as a whole.
 */
export function withoutInvalid(batch: readonly unknown[]): { valid: readonly unknown[]; refusals: object[] } {
  const valid: unknown[] = [];
  const invalid: unknown[] = [];
  for (const element of batch) (isSpecType.JSONRPCMessage(element) ? valid : invalid).push(element);
  if (valid.length === 0) return { valid: batch, refusals: [] };
  return { valid, refusals: invalid.map((element) => responseOf(invalidMessage(element))) };
}

/**
 * Returns the messages of a body, which is one message or a batch.
 *
 * @throws {JsonRpcError} 400 with the invalid member
 */
export function messagesIn(body: unknown): JSONRPCMessage[] {
  return (Array.isArray(body) ? body : [body]).map(parsed);
}

function parsed(message: unknown): JSONRPCMessage {
  if (isRequest(message)) return message;
  try {
    return parseJSONRPCMessage(message);
  } catch {
    throw invalidMessage(message);
  }
}
