import { INVALID_REQUEST } from '@modelcontextprotocol/server';

import { isRecord } from '../../values/is-record.js';
import { JsonRpcError } from './json-rpc-error.js';
import { answerId } from './messages.js';

/** Creates the error for a value that is not a JSON-RPC message (JSON-RPC 2.0 §4). Names the invalid member. */
export const invalidMessage = (message: unknown): JsonRpcError =>
  new JsonRpcError('invalid_message', 400, INVALID_REQUEST, problemOf(message), {}, { id: idOf(message) });

function problemOf(message: unknown): string {
  if (!isRecord(message)) return 'A message must be a JSON object.';
  const { jsonrpc, id, method, params, ...others } = message;
  if (jsonrpc !== '2.0') return 'jsonrpc must be "2.0".';
  if ('result' in others || 'error' in others) return 'The message is not a valid response.';
  if (typeof method !== 'string') return 'method must be a string.';
  if (!isId(id)) return 'id must be a string or an integer.';
  if (Object.keys(others).length > 0)
    return 'A request must have no members other than jsonrpc, id, method and params.';
  if (!isRecord(params)) return 'params must be an object.';
  const { _meta: meta } = params;
  if (!isRecord(meta)) return 'params._meta must be an object.';
  if (!isId(meta['progressToken'])) return 'params._meta.progressToken must be a string or an integer.';
  return 'params._meta is invalid.';
}

const isId = (id: unknown): boolean => id === undefined || typeof id === 'string' || Number.isSafeInteger(id);

/** Returns the ID if it is valid, even if the rest of the message is not. */
function idOf(message: unknown): string | number | null {
  const id = isRecord(message) ? message['id'] : undefined;
  return answerId({ jsonrpc: '2.0', id, method: '' });
}
