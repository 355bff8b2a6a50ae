import type { ServerResponse } from 'node:http';

import { isAscii } from '../../values/is-ascii.js';

/**
 * Ends a response with JSON. Uses Node's own methods: Express would compute an ETag.
 *
 * @param inAscii whether all characters of the JSON are ASCII. Sent as Latin-1, such text is only copied; as UTF-8, it
 *   is searched for other characters twice. Its bytes are the same. Node.js sends the headers in the same encoding
 */
export function endWithJson(
  response: ServerResponse,
  status: number,
  json: string,
  inAscii = isAscii(json),
): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Cache-Control', 'no-store');
  response.end(json, inAscii ? 'latin1' : 'utf8');
}

/**
 * Limits the time for which a client may leave the rest of an ended response unread. Most responses are already sent by
 * now.
 *
 * @param timeout milliseconds
 */
export function limitUnread(response: ServerResponse, timeout: number): void {
  if (response.writableLength > 0) response.setTimeout(timeout, () => response.destroy());
}
