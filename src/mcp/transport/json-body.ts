import type { IncomingMessage } from 'node:http';

import { INVALID_REQUEST, isJsonContentType, PARSE_ERROR } from '@modelcontextprotocol/server';
import { getRawBody } from 'raw-body';

import { JsonRpcError, REFUSED } from './json-rpc-error.js';

/**
 * Reads the body of a request as JSON.
 *
 * @param limit bytes; a body that says it is larger is not read at all, one that turns out larger not in full
 * @throws {JsonRpcError} 415 for another media type, 413 for too large, 400 for what is not JSON
 */
export async function readJsonBody(request: IncomingMessage, limit: number): Promise<unknown> {
  const { 'content-type': type, 'content-encoding': encoding, 'content-length': length } = request.headers;
  if (!isJsonContentType(type ?? null) || (encoding !== undefined && encoding !== 'identity')) {
    throw new JsonRpcError(
      'unsupported_media_type',
      415,
      REFUSED,
      'Content-Type must be application/json, without a Content-Encoding.',
    );
  }
  let text: string;
  try {
    text = await getRawBody(request, { length, limit, encoding: 'utf8' });
  } catch (error) {
    if (isTooLarge(error)) {
      throw new JsonRpcError(
        'body_too_large',
        413,
        REFUSED,
        `The body is too large: at most ${limit} bytes.`,
      );
    }
    throw new JsonRpcError('body_unreadable', 400, INVALID_REQUEST, 'The body could not be read in full.');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new JsonRpcError('invalid_json', 400, PARSE_ERROR, 'Parse error: the body is not valid JSON.');
  }
}

function isTooLarge(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'type' in error && error.type === 'entity.too.large';
}
