import type { ServerResponse } from 'node:http';

/**
 * Watches whether a response is sent completely. Before version 24, Node.js also takes it for finished when its connection
 * is destroyed.
 *
 * @returns a function to call once the response has closed
 */
export function watchSent(response: ServerResponse): () => boolean {
  let isSent = false;
  response.on('finish', () => {
    isSent = !response.req.socket.destroyed;
  });
  return () => isSent;
}
