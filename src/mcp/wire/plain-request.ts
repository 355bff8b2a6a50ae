import { type JSONRPCRequest, RELATED_TASK_META_KEY } from '@modelcontextprotocol/server';

import { isRecord } from '../../values/is-record.js';

/**
 * Whether a value is a valid JSON-RPC request (JSON-RPC 2.0 §4). Stricter and much cheaper than the check of the SDK,
 * whose server never answers invalid requests.
 */
export function isRequest(value: unknown): value is JSONRPCRequest {
  if (!isRecord(value) || value['jsonrpc'] !== '2.0' || typeof value['method'] !== 'string') return false;
  const { id, params } = value;
  if (!isId(id)) return false;
  const members = Object.keys(value).length;
  if (params === undefined) return members === 3;
  if (members !== 4 || !isRecord(params)) return false;
  const meta = params['_meta'];
  if (meta === undefined) return !('_meta' in params);
  if (!isRecord(meta) || RELATED_TASK_META_KEY in meta) return false;
  const { progressToken } = meta;
  return progressToken === undefined || isId(progressToken);
}

const isId = (value: unknown): value is string | number =>
  typeof value === 'string' || Number.isSafeInteger(value);
