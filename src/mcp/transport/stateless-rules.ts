import {
  INVALID_REQUEST,
  type JSONRPCMessage,
  PARSE_ERROR,
  parseJSONRPCMessage,
  type RequestId,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/server';
import type { Request } from 'express';

import { JsonRpcError, REFUSED } from './json-rpc-error.js';

/**
 * The messages of a POST of the 2025 revisions (MCP specification, basic/transports).
 *
 * @throws {JsonRpcError} 406 when the client does not take both kinds of answers, 400 for another revision or
 *   what is no message
 */
export function statelessMessages(request: Request, body: unknown): JSONRPCMessage[] {
  const { accept, 'mcp-protocol-version': revision } = request.headers;
  requireAccepted(accept);
  const messages = (Array.isArray(body) ? body : [body]).map(parsed);
  const opens = messages.some((message) => 'method' in message && message.method === 'initialize');
  if (opens && messages.length > 1) {
    throw new JsonRpcError('invalid_batch', 400, INVALID_REQUEST, 'An initialize request stands alone.');
  }
  if (!opens && typeof revision === 'string' && !SUPPORTED_PROTOCOL_VERSIONS.includes(revision)) {
    const supported = SUPPORTED_PROTOCOL_VERSIONS.join(', ');
    throw new JsonRpcError(
      'unsupported_revision',
      400,
      REFUSED,
      `Unsupported protocol version (supported versions: ${supported})`,
    );
  }
  return messages;
}

/** @throws {JsonRpcError} 406 when the client does not take both kinds of answers */
export function requireAccepted(accept: string | undefined): void {
  if (accept === undefined || accept.includes('*/*')) return;
  if (accept.includes('application/json') && accept.includes('text/event-stream')) return;
  throw new JsonRpcError(
    'not_acceptable',
    406,
    REFUSED,
    'The client must accept application/json and text/event-stream.',
  );
}

/** The ids of the requests among them, which is what has to be answered. */
export function requestIdsOf(messages: readonly JSONRPCMessage[]): Set<RequestId> {
  return new Set(messages.flatMap((message) => ('method' in message && 'id' in message ? [message.id] : [])));
}

function parsed(message: unknown): JSONRPCMessage {
  try {
    return parseJSONRPCMessage(message);
  } catch {
    throw new JsonRpcError('invalid_message', 400, PARSE_ERROR, 'Parse error: Invalid JSON-RPC message');
  }
}
