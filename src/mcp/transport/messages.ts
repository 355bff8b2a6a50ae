import { INVALID_REQUEST, isJSONRPCRequest } from '@modelcontextprotocol/server';

import { JsonRpcError } from './json-rpc-error.js';

/** The one revision that has JSON-RPC batches, and what a request without a version header is taken for. */
const BATCH_REVISION = '2025-03-26';
const MOST_MESSAGES = 100;

/**
 * The messages of a body, which is one message or a batch.
 *
 * @param revision the MCP-Protocol-Version header
 * @throws {JsonRpcError} 400 when there may be no batch, or not such a one
 */
export function messagesOf(body: unknown, revision: string | undefined): readonly unknown[] {
  if (!Array.isArray(body)) return [body];
  const messages: unknown[] = body;
  if (revision !== undefined && revision !== BATCH_REVISION) {
    throw new JsonRpcError(
      400,
      INVALID_REQUEST,
      `MCP ${revision.slice(0, 32)} has no batches. Send one message.`,
    );
  }
  if (messages.length > MOST_MESSAGES) {
    throw new JsonRpcError(400, INVALID_REQUEST, `A batch may have at most ${MOST_MESSAGES} messages.`);
  }
  const ids = messages.filter((message) => isJSONRPCRequest(message)).map(({ id }) => id);
  if (new Set(ids).size < ids.length) {
    throw new JsonRpcError(400, INVALID_REQUEST, 'Two requests of the batch have the same id.');
  }
  return messages;
}

/** The method of a message; undefined for what is no request or notification. */
export function methodOf(message: unknown): unknown {
  return isRecord(message) ? message['method'] : undefined;
}

/** The names of the tools that the messages call. */
export function calledTools(messages: readonly unknown[]): string[] {
  return messages.flatMap((message) => {
    if (!isRecord(message) || methodOf(message) !== 'tools/call' || !isRecord(message['params'])) return [];
    const { name } = message['params'];
    return typeof name === 'string' ? [name] : [];
  });
}

/** Whether a message asks to be told of progress, which takes an event stream. */
export function asksForProgress(message: unknown): boolean {
  if (!isRecord(message) || !isRecord(message['params'])) return false;
  const meta = message['params']['_meta'];
  return isRecord(meta) && meta['progressToken'] !== undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
