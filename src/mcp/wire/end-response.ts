import type { ServerResponse } from 'node:http';

/** Ends a response with JSON. Uses Node's own methods: Express would compute an ETag. */
export function endWithJson(response: ServerResponse, status: number, json: string): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Cache-Control', 'no-store');
  response.end(json);
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
